const list = document.querySelector(".list");
const all = [...list.children];
const order = document.querySelector("#order");
const words = document.querySelector("#words");
const which = document.querySelector("#which");
const found = document.querySelector("#found");
const sure = (row) => Number(row.dataset.sure);
const place = (row) => Number(row.dataset.place);
const orders = {
  doubt: (a, b) => sure(a) - sure(b) || place(a) - place(b),
  sure: (a, b) => sure(b) - sure(a) || place(a) - place(b),
  given: (a, b) => place(a) - place(b),
};

function arrange() {
  list.append(...all.sort(orders[order.value]));
}

function choose() {
  const wanted = words.value.trim().toLocaleLowerCase();
  let count = 0;
  for (const row of all) {
    const shown = (!wanted || row.textContent.toLocaleLowerCase().includes(wanted)) && (which.value === "all" || row.dataset.state === which.value);
    row.hidden = !shown;
    count += shown;
  }
  found.textContent = count === all.length ? "" : `${count} of ${all.length}`;
}

order.addEventListener("change", arrange);
words.addEventListener("input", choose);
which.addEventListener("change", choose);
