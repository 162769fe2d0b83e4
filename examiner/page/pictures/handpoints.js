// Laying one photograph over another by hand: spots that both show, numbered crosses in each of the two.

const handForm = find(".hand"), pointLayer = find(".points"), other = handForm.elements.other;
const FEWEST_POINTS = 3;
let pointing = false, spots = new Map(), spot = 0, previous = -1;

function own() {
  if (!spots.has(current.photo)) spots.set(current.photo, []);
  return spots.get(current.photo);
}

function pair() {
  return current.laid_by_hand.find((laid) => laid.photo === current.photo || laid.other === current.photo);
}

function setPoints(on) {
  pointing = on && current.may_lay;
  stage.classList.toggle("setting", pointing);
  find("[data-do=points]").setAttribute("aria-pressed", String(pointing));
  if (pointing) {
    setDrawing(false);
    spot = own().length;
    stage.focus();
  }
  paintPoints();
}

function setSpot(x, y) {
  const points = own();
  if (spot < points.length) points[spot] = [x, y];
  else points.push([x, y]);
  paintPoints();
}

function pointAtPointer(event) {
  const near = own().findIndex((point) => {
    const [x, y] = onPlane(point), [px, py] = pointAt(event);
    return Math.hypot(x * look.scale + look.x - px, y * look.scale + look.y - py) < 14;
  });
  spot = near >= 0 ? near : own().length;
  if (near < 0) setSpot(...storedAt(event));
  else paintPoints();
}

// Enter sets a cross in the middle of the view or goes on to the next; arrows move it a pixel of the photograph.
function pointKey(event) {
  if (!pointing || event.ctrlKey || event.altKey || event.metaKey) return false;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, points = own();
  if (moves[event.key] && points[spot]) {
    const far = event.shiftKey ? 10 : 1, [x, y] = through(photo().to_upright, points[spot]);
    points[spot] = through(photo().to_stored, [x + moves[event.key][0] * far, y + moves[event.key][1] * far]);
  } else if (event.key === "Enter") {
    if (points[spot]) spot = points.length;
    else setSpot(...through(photo().to_stored, [(stage.clientWidth / 2 - look.x) / look.scale - 0.5, (stage.clientHeight / 2 - look.y) / look.scale - 0.5]));
  } else if ((event.key === "Delete" || event.key === "Backspace") && points.length) {
    points.splice(Math.min(spot, points.length - 1), 1);
    spot = points.length;
  } else if (event.key === "Escape") {
    setPoints(false);
  } else {
    return false;
  }
  event.preventDefault();
  paintPoints();
  return true;
}

function paintPoints() {
  pointLayer.replaceChildren();
  if (!current) return;
  const laid = pair(), far = Number(other.value);
  const shown = pointing || own().length ? own() : laid ? laid.pairs.map((both) => both[laid.photo === current.photo ? 0 : 1]) : [];
  shown.forEach((point, i) => {
    const [x, y] = onPlane(point), arm = 9 / look.scale;
    const cross = svg("path", { d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`, class: pointing && i === spot ? "cross now" : "cross" });
    const label = svg("text", { x: x + arm, y: y - arm / 2, class: "number" });
    label.textContent = i + 1;
    pointLayer.append(svg("path", { d: cross.getAttribute("d"), class: "halo" }), cross, label);
  });
  const here = own().length, there = (spots.get(far) || []).length;
  find(".hand-hint").textContent = laid && !pointing
    ? `Photograph ${laid.photo + 1} was laid over ${laid.other + 1} by ${laid.pairs.length} points.`
    : pointing || here || there ? `${here} set here, ${there} in photograph ${far + 1}: the same spots in the same order, ${FEWEST_POINTS} or more.` : "";
  find("[data-do=lay]").disabled = !(current.may_lay && here >= FEWEST_POINTS && here === there);
  show(find("[data-do=unlay]"), Boolean(laid) && current.may_lay);
}

function paintHand(changed) {
  show(handForm, current.photos.length > 1);
  const choices = current.photos.filter((item) => item.index !== current.photo);
  const wanted = changed && Number(other.value) === current.photo ? previous : Number(other.value);
  other.replaceChildren(...choices.map((item) => new Option(`${item.index + 1}  ${item.name}`, item.index)));
  if (choices.some((item) => item.index === wanted)) other.value = String(wanted);
  if (changed) {
    previous = current.photo;
    spot = own().length;
  }
  if (!current.may_lay) setPoints(false);
  paintPoints();
}

function lay(pairs) {
  const laid = pair(), over = pairs.length ? Number(other.value) : laid.other, moved = pairs.length ? current.photo : laid.photo;
  trigger("draw", { examination: current.examination, act: { act: "lay_photo", photo: moved, other: over, pairs } });
  spots = new Map();
  setPoints(false);
}

handForm.addEventListener("submit", (event) => {
  event.preventDefault();
  lay(own().map((point, i) => [point, spots.get(Number(other.value))[i]]));
});
other.addEventListener("change", paintPoints);
find("[data-do=points]").addEventListener("click", () => setPoints(!pointing));
find("[data-do=switch]").addEventListener("click", () => { stage.focus(); showPhoto(Number(other.value)); });
find("[data-do=unlay]").addEventListener("click", () => lay([]));
