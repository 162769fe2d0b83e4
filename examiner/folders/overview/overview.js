const list = document.querySelector(".list");
const every = [...list.children];
const state = document.querySelector("#state");
const words = document.querySelector("#words");
const count = document.querySelector("#count");

function filter() {
  const wanted = words.value.trim().toLocaleLowerCase();
  const fits = (series) => (!wanted || series.textContent.toLocaleLowerCase().includes(wanted)) && (state.value === "all" || series.dataset.state === state.value);
  for (const series of every) series.hidden = !fits(series);
  const visible = every.filter((series) => !series.hidden).length;
  count.textContent = visible === every.length ? "" : `${visible} of ${every.length}`;
}

words.addEventListener("input", filter);
state.addEventListener("change", filter);
