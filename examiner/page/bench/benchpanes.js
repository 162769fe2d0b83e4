// Panes that show pictures of one photograph beside each other, moved and zoomed together.

const look = { x: 0.5, y: 0.5, zoom: 1 };
let lens = false, settled = null;

function newPane(label) {
  const node = make("div", "pane"), plane = make("div", "plane"), image = make("img"), piece = make("img", "piece"), drawn = svg("svg", {});
  for (const part of [image, piece]) { part.draggable = false; part.alt = ""; }
  const magnifier = make("div", "lens"), enlarged = make("img");
  const pane = { node, plane, image, piece, drawn, magnifier, enlarged, label: typeof label === "string" ? make("output", "label", label) : label, said: make("output", "not-whole"), picture: null };
  enlarged.alt = "";
  magnifier.append(enlarged);
  plane.append(image, piece);
  node.append(plane, drawn, pane.label, pane.said, magnifier);
  show(magnifier, false);
  show(piece, false);
  show(pane.said, false);
  wirePane(pane);
  return pane;
}

// `picture`: url, width, height at full resolution.
function showPicture(pane, picture) {
  pane.picture = picture;
  pane.image.src = picture.url;
  pane.enlarged.src = picture.url;
  pane.plane.style.width = picture.width + "px";
  pane.plane.style.height = picture.height + "px";
  show(pane.piece, false);
  paintPane(pane);
}

// A part at its own resolution over the whole picture; `box` in its pixels.
function showPiece(pane, url, box) {
  pane.piece.src = url;
  pane.piece.style.cssText = `left:${box[0]}px;top:${box[1]}px;width:${box[2] - box[0]}px;height:${box[3] - box[1]}px`;
  show(pane.piece, true);
}

function scaleOf(pane) {
  const { width, height } = pane.picture;
  return Math.min(pane.node.clientWidth / width, pane.node.clientHeight / height) * look.zoom;
}

function paintPane(pane) {
  if (!pane.picture || !pane.node.clientWidth) return;
  const scale = scaleOf(pane), { width, height } = pane.picture;
  pane.left = pane.node.clientWidth / 2 - look.x * width * scale;
  pane.top = pane.node.clientHeight / 2 - look.y * height * scale;
  pane.plane.style.transform = `translate(${pane.left}px, ${pane.top}px) scale(${scale})`;
  pane.node.classList.toggle("close", scale > 1.5);
}

// Where a place of the window lies in the picture, in its pixels; centres of pixels are whole numbers.
function pictureAt(pane, event) {
  const frame = pane.node.getBoundingClientRect(), scale = scaleOf(pane);
  return [(event.clientX - frame.left - pane.left) / scale - 0.5, (event.clientY - frame.top - pane.top) / scale - 0.5];
}

function onScreen(pane, [x, y]) {
  const scale = scaleOf(pane);
  return [pane.left + (x + 0.5) * scale, pane.top + (y + 0.5) * scale];
}

// The part of the picture in view, in its pixels.
function boxInView(pane) {
  if (!pane.picture || !pane.node.clientWidth) return null;
  const scale = scaleOf(pane), { width, height } = pane.picture;
  const box = [-pane.left / scale, -pane.top / scale, (pane.node.clientWidth - pane.left) / scale, (pane.node.clientHeight - pane.top) / scale];
  return [Math.max(0, Math.floor(box[0])), Math.max(0, Math.floor(box[1])), Math.min(width, Math.ceil(box[2])), Math.min(height, Math.ceil(box[3]))];
}

function moveLook(change) {
  Object.assign(look, change);
  look.zoom = Math.max(0.5, Math.min(200, look.zoom));
  for (const pane of shownPanes()) paintPane(pane);
  paintMarks();
  clearTimeout(settled);
  settled = setTimeout(askDetail, 250);
}

function zoomAbout(pane, factor, x, y) {
  const before = scaleOf(pane), { width, height } = pane.picture;
  const at = [(x - pane.left) / (width * before), (y - pane.top) / (height * before)];
  look.zoom = Math.max(0.5, Math.min(200, look.zoom * factor));
  const after = scaleOf(pane);
  moveLook({ x: at[0] - (x - pane.node.clientWidth / 2) / (width * after), y: at[1] - (y - pane.node.clientHeight / 2) / (height * after) });
}

function actualPixels() {
  const pane = shownPanes().at(-1);
  if (pane.picture) moveLook({ zoom: look.zoom / (scaleOf(pane) * devicePixelRatio) });
}

function paintLens(event) {
  for (const pane of shownPanes()) {
    show(pane.magnifier, lens && Boolean(event) && Boolean(pane.picture));
    if (pane.magnifier.hidden) continue;
    const source = shownPanes().find((other) => other.node.contains(event.target)) || pane, [x, y] = pictureAt(source, event);
    const scale = Math.max(2, 3 * scaleOf(pane)), share = [(x + 0.5) / source.picture.width, (y + 0.5) / source.picture.height];
    const [sx, sy] = onScreen(pane, [share[0] * pane.picture.width - 0.5, share[1] * pane.picture.height - 0.5]);
    pane.magnifier.style.left = sx - 97 + "px";
    pane.magnifier.style.top = sy - 97 + "px";
    pane.enlarged.style.cssText = `width:${pane.picture.width * scale}px;height:${pane.picture.height * scale}px;left:${95 - share[0] * pane.picture.width * scale}px;top:${95 - share[1] * pane.picture.height * scale}px`;
  }
}

function wirePane(pane) {
  let from = null;
  pane.node.addEventListener("wheel", (event) => {
    event.preventDefault();
    const frame = pane.node.getBoundingClientRect();
    if (pane.picture) zoomAbout(pane, event.deltaY < 0 ? 1.2 : 1 / 1.2, event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });
  pane.node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !pane.picture || event.target.closest("select")) return;
    if (toolDown(pane, event)) return;
    from = { x: event.clientX, y: event.clientY, look: { ...look } };
    pane.node.setPointerCapture(event.pointerId);
  });
  pane.node.addEventListener("pointermove", (event) => {
    if (lens) paintLens(event);
    if (!from) return;
    const scale = scaleOf(pane);
    moveLook({ x: from.look.x - (event.clientX - from.x) / (pane.picture.width * scale), y: from.look.y - (event.clientY - from.y) / (pane.picture.height * scale) });
  });
  pane.node.addEventListener("pointerup", () => { from = null; });
  pane.node.addEventListener("pointerleave", () => { if (lens) paintLens(null); });
}
