const list = document.querySelector(".list");
const every = [...list.children];
const order = document.querySelector("#order");
const state = document.querySelector("#state");
const words = document.querySelector("#words");
const count = document.querySelector("#count");
const confidence = (series) => Number(series.dataset.confidence);
const place = (series) => Number(series.dataset.place);
const orders = {
  lowest: (a, b) => confidence(a) - confidence(b) || place(a) - place(b),
  highest: (a, b) => confidence(b) - confidence(a) || place(a) - place(b),
  read: (a, b) => place(a) - place(b),
};

function arrange() {
  list.append(...every.sort(orders[order.value]));
}

function filter() {
  const wanted = words.value.trim().toLocaleLowerCase();
  const fits = (series) => (!wanted || series.textContent.toLocaleLowerCase().includes(wanted)) && (state.value === "all" || series.dataset.state === state.value);
  for (const series of every) series.hidden = !fits(series);
  const visible = every.filter((series) => !series.hidden).length;
  count.textContent = visible === every.length ? "" : `${visible} of ${every.length}`;
}

order.addEventListener("change", arrange);
words.addEventListener("input", filter);
state.addEventListener("change", filter);
