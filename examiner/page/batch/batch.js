// A batch: a folder of the server or uploaded files read, its progress and its overview.

const form = find(".begin"), folder = find(".folder"), order = find(".order"), list = find("ol.series");
const STATES = { reading: "Reading", stopping: "Stopping after the current series", stopped: "Stopped", done: "Done", broken: "Stopped by an error" };
let current = null, folders = "";

function duration(seconds) {
  return seconds < 90 ? `${seconds} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function reads(row) {
  if (!row.lines) return make("div", "reads nothing", row.state === "failed" ? "nothing was read" : row.state === "withheld" ? "withheld" : "no line of characters found");
  const node = make("div", "reads"), said = [...row.text];
  [...row.best].forEach((glyph, i) => node.append(said[i] === "?" && glyph !== "?" ? make("i", "", glyph) : document.createTextNode(glyph)));
  return node;
}

function picture(source, className, alt) {
  const image = make("img", className);
  image.src = source;
  image.alt = alt;
  return image;
}

function item(row) {
  const node = make("li"), figure = make("div"), middle = make("div");
  figure.append(row.picture ? picture(row.picture, "photograph", row.series) : make("div", "none", "no picture"));
  if (row.line) middle.append(picture(row.line, "line", "the line of characters, upright"));
  const name = make("bdi", "name", row.series);
  middle.append(reads(row), name, make("div", "about", `${row.photographs} photograph${row.photographs === 1 ? "" : "s"}`));
  for (const said of row.failures) middle.append(make("div", "failure", said));
  node.append(figure, middle, make("div", "sure", row.lines ? `${(100 * row.sure).toFixed(1)}%` : "–"));
  return node;
}

function figures(now) {
  const said = [`${now.done} of ${now.total} series`];
  if (now.photographs) said.push(`${now.a_minute} photographs a minute`);
  if (now.failed) said.push(`${now.failed} failed`);
  if (now.state === "reading" && now.left_s !== null && now.done) said.push(`${duration(now.left_s)} left`);
  return said.join(" · ");
}

function render() {
  const value = props.value || {};
  current = value.text ? JSON.parse(value.text) : {};
  const offered = JSON.stringify(current.folders || []);
  if (current.folders && offered !== folders) {
    folders = offered;
    folder.replaceChildren(...current.folders.map((name) => new Option(name === "." ? "the whole folder" : name, name)));
  }
  show(find(".from-folder"), folder.options.length > 0);
  show(find(".begin .strong"), folder.options.length > 0);
  find(".wrong").textContent = current.wrong || current.said || "";
  find(".triage").textContent = current.triage || "";
  show(find(".triage"), Boolean(current.triage));
  show(find(".running"), Boolean(current.batch));
  if (!current.batch) return;
  find(".state").textContent = STATES[current.state] || "";
  find(".figures").textContent = figures(current);
  show(find("[data-do=stop]"), current.state === "reading");
  find(".bar").value = current.total ? current.done / current.total : 0;
  show(find(".noticed"), current.notices.length > 0);
  find(".noticed summary").textContent = `Notices: ${current.notices.length}`;
  find(".noticed ul").replaceChildren(...current.notices.map((said) => make("li", "", said)));
  find(".place").textContent = current.pages > 1 ? `${current.page + 1} of ${current.pages}` : "";
  for (const button of element.querySelectorAll("[data-turn]")) {
    show(button, current.pages > 1);
    const next = current.page + Number(button.dataset.turn);
    button.disabled = next < 0 || next >= current.pages;
  }
  find(".written").textContent = current.overview ? `Results and overview: ${current.overview}` : "";
  list.replaceChildren(...current.rows.map(item));
}

function look(page) {
  trigger("look", { order: order.value, page });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("begin", { folder: folder.value, each: find(".each-photo").checked });
});
order.addEventListener("change", () => look(0));
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.do === "stop") trigger("stop", {});
  if (button.dataset.turn) look(current.page + Number(button.dataset.turn));
});
watch("value", render);
render();
