// The photograph: zoom, pan, as taken against enhanced, the boxes of the positions and the examiner's band.

const stage = find(".stage"), plane = find(".plane"), boxes = find(".boxes"), bandLayer = find(".band");
const split = find(".split"), form = find(".band-form");
const look = { scale: 1, x: 0, y: 0, held: false, fitted: true };
let current = null, draft = null, drawing = false, drag = null, selected = null, pointed = null;

function photo() {
  return current && current.photos.find((item) => item.index === current.photo);
}

function fit() {
  const inView = photo();
  if (!inView || !stage.clientWidth) return;
  look.scale = Math.min(stage.clientWidth / inView.width, stage.clientHeight / inView.height);
  look.x = (stage.clientWidth - inView.width * look.scale) / 2;
  look.y = (stage.clientHeight - inView.height * look.scale) / 2;
  look.fitted = true;
  paint();
}

function zoomAt(factor, x, y) {
  const scale = Math.min(32, Math.max(0.02, look.scale * factor));
  look.x = x - ((x - look.x) * scale) / look.scale;
  look.y = y - ((y - look.y) * scale) / look.scale;
  look.scale = scale;
  look.fitted = false;
  paint();
}

function zoomMiddle(factor) {
  zoomAt(factor, stage.clientWidth / 2, stage.clientHeight / 2);
}

function showMarking() {
  showPart(current.positions.filter((item) => item.frame === current.photo).flatMap((item) => item.quad.map(onPlane)), 0.6);
}

// The part of the photograph that holds these points, with as many of their heights around it.
function showPart(points, around) {
  if (points.length === 0 || !stage.clientWidth) return fit();
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const width = Math.max(...xs) - Math.min(...xs), height = Math.max(...ys) - Math.min(...ys);
  const margin = Math.max(width, height) * 0.12 + height * around;
  const whole = Math.min(stage.clientWidth / photo().width, stage.clientHeight / photo().height);
  look.scale = Math.max(whole, Math.min(stage.clientWidth / (width + 2 * margin), stage.clientHeight / (height + 2 * margin)));
  look.x = stage.clientWidth / 2 - ((Math.max(...xs) + Math.min(...xs)) / 2) * look.scale;
  look.y = stage.clientHeight / 2 - ((Math.max(...ys) + Math.min(...ys)) / 2) * look.scale;
  look.fitted = false;
  paint();
}

function pan(dx, dy) {
  look.x += dx;
  look.y += dy;
  look.fitted = false;
  paint();
}

function paint() {
  const inView = photo();
  if (!inView) return;
  plane.style.transform = `translate(${look.x}px, ${look.y}px) scale(${look.scale})`;
  const wide = inView.quarter_turns % 2 ? inView.height : inView.width;
  const magnified = (look.scale * wide) / inView.proxy_width;
  plane.classList.toggle("pixelated", magnified > 2);
  const same = current.image.original === current.image.enhanced;
  const share = same ? 0 : look.held ? 100 : Number(split.value);
  const edge = Math.round((stage.clientWidth * share) / 100);
  const inside = Math.max(0, Math.min(inView.width, (edge - look.x) / look.scale));
  const corner = through(toPicture(inView), [inside, 0]), opposite = through(toPicture(inView), [inView.width, inView.height]);
  const clip = [corner, [opposite[0], corner[1]], opposite, [corner[0], opposite[1]]].map(([x, y]) => `${x}px ${y}px`).join(", ");
  for (const layer of [find(".enhanced"), relit]) layer.style.clipPath = `polygon(${clip})`;
  find(".divider").style.left = edge + "px";
  show(find(".divider"), share > 0 && share < 100);
  show(find(".tag-left"), share > 0);
  show(find(".tag-right"), share < 100);
  stage.style.setProperty("--thin", 1 / look.scale);
  boxes.classList.toggle("crowded", smallestBox() * look.scale < 20);
  if (draft) paintBand();
  paintPoints();
}

// Whether what is shown is a mirror image of the stored pixels.
function turnedOver(item) {
  const m = item.to_upright;
  return m[0] * m[4] - m[1] * m[3] < 0;
}

// From the plane, whose edges are whole numbers, to the picture that lies turned on it.
function toPicture(item) {
  const [a, b, c, d, e, f] = item.from_picture;
  const x0 = c + 0.5 - (a + b) / 2, y0 = f + 0.5 - (d + e) / 2;
  return [a, d, -(a * x0 + d * y0), b, e, -(b * x0 + e * y0), 0, 0, 1];
}

// The pictures are those of the photograph as its file shows it; they are laid on the plane as the examiner says.
function layPictures(item) {
  const [a, b, c, d, e, f] = item.from_picture, sideways = item.quarter_turns % 2 === 1;
  const x0 = c + 0.5 - (a + b) / 2, y0 = f + 0.5 - (d + e) / 2;
  for (const layer of [find(".original"), find(".enhanced"), relit]) {
    layer.style.width = (sideways ? item.height : item.width) + "px";
    layer.style.height = (sideways ? item.width : item.height) + "px";
    layer.style.transform = `matrix(${a}, ${d}, ${b}, ${e}, ${x0}, ${y0})`;
  }
}

function orient(quarters, over) {
  const inView = photo();
  if (!inView) return;
  const alike = current.photos.filter((item) => item.quarter_turns === inView.quarter_turns).map((item) => item.index);
  trigger("draw", {
    examination: current.examination, seen: current.seen,
    act: {
      // A cast is shown in a mirror by all its photographs, each may lie in another way.
      act: "orient_photos", photos: over ? alike : [inView.index],
      quarter_turns: (inView.quarter_turns + quarters) % 4, mirrored: over ? !inView.mirrored : inView.mirrored,
    },
  });
}

function pointAt(event) {
  const frame = stage.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
}

function storedAt(event) {
  const [x, y] = pointAt(event);
  return through(photo().to_stored, [(x - look.x) / look.scale - 0.5, (y - look.y) / look.scale - 0.5]);
}

// Pixel centres are whole numbers in the record, halves on the drawing plane.
function onPlane(point) {
  const [x, y] = through(photo().to_upright, point);
  return [x + 0.5, y + 0.5];
}

function corners(quad) {
  return quad.map((point) => onPlane(point).map((c) => c.toFixed(2)).join(",")).join(" ");
}

function smallestBox() {
  const widths = current.positions.map(({ quad: [a, b] }) => Math.hypot(b[0] - a[0], b[1] - a[1]));
  return Math.min(Infinity, ...widths);
}

function paintBoxes() {
  boxes.replaceChildren();
  for (const position of current.positions.filter((item) => item.frame === current.photo)) {
    const group = svg("g", { class: "box " + position.state, "data-id": position.id });
    group.append(svg("polygon", { points: corners(position.quad), class: "halo" }));
    group.append(svg("polygon", { points: corners(position.quad), class: "edge" }));
    const [x, y] = onPlane(position.quad[0]);
    const label = svg("text", { x, y, class: "number" });
    label.textContent = position.n;
    group.append(label);
    group.classList.toggle("selected", position.id === selected);
    boxes.append(group);
  }
}

// A position of the time strip in this photograph, wherever it was marked.
function paintPlace() {
  const layer = find(".place");
  layer.replaceChildren();
  if (!pointed || !pointed.quad || pointed.photo !== current.photo) return;
  layer.append(svg("polygon", { points: corners(pointed.quad), class: "halo" }), svg("polygon", { points: corners(pointed.quad), class: "edge" }));
  const [x, y] = onPlane(pointed.quad[0]), label = svg("text", { x, y, class: "number" });
  label.textContent = pointed.n;
  layer.append(label);
}

function showPlace() {
  paintPlace();
  pointed.sought = false;
  if (pointed.quad) showPart(pointed.quad.map(onPlane), 1);
  else fit();
}

function seekPlace(sought) {
  if (!current || !current.photos[sought.photo]) return;
  pointed = { ...sought, sought: true };
  if (sought.photo === current.photo) showPlace();
  else showPhoto(sought.photo);
}

function paintBand() {
  bandLayer.replaceChildren();
  show(find(".invite"), current.invite !== "" && !draft);
  if (!draft || !photo()) return;
  bandLayer.append(svg("polygon", { points: corners(bandQuad(draft)), class: "halo" }));
  bandLayer.append(svg("polygon", { points: corners(bandQuad(draft)), class: "edge", "data-handle": "body" }));
  const count = Math.min(60, Number(form.count.value) || 0);
  for (let i = 1; i < count; i += 1) {
    const along = draft.length * (i / count - 0.5);
    const [x1, y1] = onPlane(bandPoint(draft, along, -draft.height / 2));
    const [x2, y2] = onPlane(bandPoint(draft, along, draft.height / 2));
    bandLayer.append(svg("line", { x1, y1, x2, y2, class: "tick" }));
  }
  const grips = {
    start: [-draft.length / 2, 0], end: [draft.length / 2, 0], top: [0, -draft.height / 2], bottom: [0, draft.height / 2],
  };
  for (const [name, [along, down]] of Object.entries(grips)) {
    const [cx, cy] = onPlane(bandPoint(draft, along, down));
    bandLayer.append(svg("circle", { cx, cy, r: 6 / look.scale, class: "grip " + name, "data-handle": name }));
  }
}

function writeFields() {
  for (const [name, value] of Object.entries(fieldsFromBand(draft))) form[name].value = value;
}

function readFields() {
  const values = ["x0", "y0", "x1", "y1", "degrees"].map((name) => form[name].value.trim().replace(",", "."));
  const complete = values.slice(0, 4).every((value) => value !== "") && values.every((value) => Number.isFinite(Number(value)));
  draft = complete ? bandFromFields(...values.map(Number), turnedOver(photo())) : null;
  paintBand();
}

function hint(text) {
  find(".band-hint").textContent = text;
}

function setDrawing(on) {
  drawing = on && current.may_draw;
  stage.classList.toggle("drawing", drawing);
  find("[data-do=draw]").setAttribute("aria-pressed", String(drawing));
  if (drawing) hint("Drag from one corner of the line of characters to the opposite corner. The round handles turn and resize the band.");
}

function place() {
  readFields();
  const count = Number(form.count.value);
  if (!draft || draft.length < 4 || draft.height < 4) return hint("Draw a band, or type its four edges in stored pixels.");
  if (!Number.isInteger(count) || count < 1 || count > 60) {
    form.count.focus();
    return hint("Enter how many characters are in the band: 1 to 60.");
  }
  hint("");
  trigger("draw", {
    examination: current.examination,
    seen: current.seen,
    act: { act: "draw_line", place: { frame: current.photo, quad: bandQuad(draft) }, count },
  });
}

function startDrag(event) {
  const handle = event.target.dataset ? event.target.dataset.handle : undefined;
  if (event.button !== 0 || !photo() || event.target.closest("button")) return;
  if (pointing) return pointAtPointer(event);
  stage.setPointerCapture(event.pointerId);
  if (handle && draft) drag = { kind: "handle", handle, grip: storedAt(event), band: draft };
  else if (drawing) drag = { kind: "new", from: storedAt(event) };
  else drag = { kind: "pan", from: pointAt(event), box: event.target.closest(".box"), moved: false };
}

function newBand(from, to) {
  const turn = photo().upright_degrees;
  return bandFromFields(from[0], from[1], to[0], to[1], turn, turnedOver(photo()));
}

function moveDrag(event) {
  if (!photo()) return;
  const stored = storedAt(event);
  find(".readout").textContent = `x ${Math.round(stored[0])}  y ${Math.round(stored[1])}   ${Math.round(look.scale * 100)} %`;
  if (!drag) return;
  if (drag.kind === "pan") {
    const [x, y] = pointAt(event);
    if (Math.hypot(x - drag.from[0], y - drag.from[1]) > 3) drag.moved = true;
    if (drag.moved) pan(x - drag.from[0], y - drag.from[1]);
    if (drag.moved) drag.from = [x, y];
    return;
  }
  draft = drag.kind === "new" ? newBand(drag.from, stored) : bandDragged(drag.band, drag.handle, stored, drag.grip);
  writeFields();
  paintBand();
}

function endDrag() {
  if (drag && drag.kind === "pan" && !drag.moved && drag.box) announce("select", { id: Number(drag.box.dataset.id), focus: true });
  if (drag && drag.kind === "new" && draft) {
    setDrawing(false);
    hint("Now enter the number of characters.");
    form.count.focus();
  }
  drag = null;
}

function select(id) {
  selected = id;
  const position = current.positions.find((item) => item.id === id);
  if (position && position.frame !== current.photo) return showPhoto(position.frame);
  for (const box of boxes.children) box.classList.toggle("selected", Number(box.dataset.id) === id);
  if (position) keepInView(position);
}

function keepInView(position) {
  const points = position.quad.map(onPlane);
  const x = points.reduce((sum, p) => sum + p[0], 0) / 4, y = points.reduce((sum, p) => sum + p[1], 0) / 4;
  const sx = look.x + x * look.scale, sy = look.y + y * look.scale;
  const inside = sx > 20 && sy > 20 && sx < stage.clientWidth - 20 && sy < stage.clientHeight - 20;
  if (!inside) pan(stage.clientWidth / 2 - sx, stage.clientHeight / 2 - sy);
}

function showPhoto(index) {
  trigger("look", { examination: current.examination, photo: index, recipe: current.recipe });
}

function toggleBoxes() {
  const hidden = boxes.classList.toggle("hidden");
  find("[data-do=boxes]").setAttribute("aria-pressed", String(!hidden));
}

function hold(on) {
  look.held = on;
  paint();
}

const STAGE_KEYS = {
  "+": () => zoomMiddle(1.25), "=": () => zoomMiddle(1.25), "-": () => zoomMiddle(0.8), 0: () => fit(),
  ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
  x: () => toggleBoxes(), X: () => toggleBoxes(), m: () => showMarking(), M: () => showMarking(), b: () => hold(true), B: () => hold(true), d: () => setDrawing(!drawing), D: () => setDrawing(!drawing),
  p: () => setPoints(!pointing), P: () => setPoints(!pointing), o: () => showPhoto(Number(other.value)), O: () => showPhoto(Number(other.value)),
  l: () => follow(!following && !lamp.hidden), L: () => follow(!following && !lamp.hidden),
  Escape: () => { setDrawing(false); draft = null; paintBand(); },
};

function stageKey(event) {
  if (orientKey(event) || pointKey(event)) return;
  const command = STAGE_KEYS[event.key];
  if (!command || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  command();
}

// By the key, whatever it types: with Alt some keyboards type other signs.
function orientKey(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey || !["KeyM", "KeyR"].includes(event.code)) return false;
  event.preventDefault();
  if (event.code === "KeyM") orient(0, true);
  else orient(1, false);
  return true;
}

function paintThumbs() {
  const thumbs = find(".thumbs");
  thumbs.replaceChildren(...current.photos.map((item) => {
    const button = make("button", "thumb");
    button.type = "button";
    button.setAttribute("role", "option");
    button.setAttribute("aria-selected", String(item.index === current.photo));
    button.title = item.name;
    const image = make("img");
    image.src = item.thumb;
    image.alt = "Photograph " + (item.index + 1);
    button.append(image, make("span", "", String(item.index + 1)));
    button.addEventListener("click", () => showPhoto(item.index));
    return button;
  }));
  show(thumbs, current.photos.length > 1);
}

function setSource(layer, url) {
  if (layer.getAttribute("src") !== url) layer.src = url;
}

function paintPhoto(changed) {
  const inView = photo();
  plane.style.width = inView.width + "px";
  plane.style.height = inView.height + "px";
  layPictures(inView);
  find(".lying").textContent = inView.mirrored ? "shown mirrored" : "";
  find("[data-do=mirror]").setAttribute("aria-pressed", String(inView.mirrored));
  setSource(find(".original"), current.image.original);
  setSource(find(".enhanced"), current.image.enhanced);
  find(".overlay").setAttribute("viewBox", `0 0 ${inView.width} ${inView.height}`);
  if (changed || look.fitted) fit();
  else paint();
}

function layOtherwise(next) {
  const before = photo(), after = next.photos.find((item) => item.index === next.photo);
  return Boolean(before && after) && before.from_picture.join() !== after.from_picture.join();
}

function render() {
  const next = props.value;
  if (!next || !next.photos) return;
  const photoChanged = !current || current.examination !== next.examination || current.photo !== next.photo || layOtherwise(next);
  const arrived = next.positions.length > 0 && (!current || photoChanged || current.positions.length === 0);
  const placed = current && current.examination === next.examination && next.positions.length > current.positions.length;
  if (!current || current.examination !== next.examination) { form.reset(); pointed = null; spots = new Map(); }
  current = next;
  if (photoChanged || placed) draft = null;
  if (photoChanged) form.degrees.value = photo().upright_degrees;
  for (const field of form.elements) field.disabled = !current.may_draw;
  if (!current.may_draw) setDrawing(false);
  form.classList.toggle("closed", !current.may_draw);
  find(".banner").textContent = current.banner;
  show(find(".banner"), current.banner !== "");
  announce("viewing", { photo: current.photo });
  paintThumbs();
  paintRecipes();
  paintHand(photoChanged);
  paintPhoto(photoChanged);
  find(".invite").textContent = current.invite;
  split.disabled = current.image.original === current.image.enhanced;
  paintBoxes();
  if (pointed && pointed.sought && pointed.photo === current.photo) showPlace();
  else if (arrived) showMarking();
  paintPlace();
  paintBand();
}

stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoomAt(Math.exp(-event.deltaY * 0.0015), ...pointAt(event));
}, { passive: false });
stage.addEventListener("pointerdown", startDrag);
stage.addEventListener("pointermove", moveDrag);
stage.addEventListener("pointerup", endDrag);
stage.addEventListener("pointercancel", () => { drag = null; });
stage.addEventListener("keydown", stageKey);
stage.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "b") hold(false); });
stage.addEventListener("blur", () => hold(false));
split.addEventListener("input", paint);
form.addEventListener("input", readFields);
form.addEventListener("submit", (event) => { event.preventDefault(); place(); });
find("[data-do=draw]").addEventListener("click", () => setDrawing(!drawing));
find("[data-do=out]").addEventListener("click", () => zoomMiddle(0.8));
find("[data-do=in]").addEventListener("click", () => zoomMiddle(1.25));
find("[data-do=turn]").addEventListener("click", () => orient(1, false));
find("[data-do=mirror]").addEventListener("click", () => orient(0, true));
find("[data-do=fit]").addEventListener("click", fit);
find("[data-do=bench]").addEventListener("click", () => announce("bench", {}));
find("[data-do=boxes]").addEventListener("click", toggleBoxes);
find("[data-do=marking]").addEventListener("click", showMarking);
find("[data-do=actual]").addEventListener("click", () => zoomMiddle(1 / look.scale));
hear("selected", ({ id }) => select(id));
hear("photo", ({ index }) => showPhoto(index));
hear("place", seekPlace);
hear("photographs-seen", ({ examination, seen }) => {
  if (current && current.examination === examination) current.seen = { ...current.seen, photographs: seen.photographs };
});
hear("lower", ({ time }) => { if (!time) { pointed = null; paintPlace(); } });
new ResizeObserver(() => (look.fitted ? fit() : paint())).observe(stage);
watch("value", render);
render();
