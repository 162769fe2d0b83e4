// The relief lit anew under a lamp that the mouse or the keys move: drawn here at once, and by the program once
// the lamp stands still.

const relit = find(".relit"), lamp = find(".lamp"), ball = find(".ball");
const VERTICES = `#version 300 es
in vec2 corner; out vec2 place;
void main() { place = vec2(corner.x + 1.0, 1.0 - corner.y) / 2.0; gl_Position = vec4(corner, 0.0, 1.0); }`;
// As `relit` in pipelines/fuse/relief.py: Lambert's law, and Blinn's lobe of power 32.
const FRAGMENTS = `#version 300 es
precision highp float;
uniform sampler2D normals, albedo; uniform vec3 lamp; uniform float shine; uniform bool kept;
in vec2 place; out vec4 colour;
void main() {
  vec3 normal = texture(normals, place).rgb * 2.0 - 1.0;
  float paint = texture(albedo, place).r;
  float light = max(dot(normal, lamp), 0.0) * (1.0 - shine) / sin(radians(45.0)) * (kept ? paint * paint : 0.25);
  light += shine * pow(max(dot(normal, normalize(lamp + vec3(0.0, 0.0, 1.0))), 0.0), 32.0);
  colour = vec4(vec3(sqrt(clamp(light, 0.0, 1.0))), 1.0);
}`;
let studio = null, following = false;

function lampFields(field) {
  return ["azimuth", "elevation", "shine", "paint"].includes(field.name) && !lamp.hidden;
}

function paintLamp(fusion) {
  const relief = fusion && fusion.relief.normals ? fusion.relief : null;
  show(lamp, Boolean(relief));
  if (!relief) {
    follow(false);
    show(relit, false);
    return;
  }
  paintBall();
  if (!studio || studio.normals !== relief.normals) prepare(relief);
}

// The program's picture stands: what was drawn meanwhile may go.
function settled() {
  if (!asking && !following) show(relit, false);
}

function lampNow() {
  const { azimuth, elevation, shine, paint } = fusionForm.elements;
  return { azimuth: Number(azimuth.value), elevation: Number(elevation.value), shine: Number(shine.value), kept: paint.value === "kept" };
}

function paintBall() {
  const { azimuth, elevation } = lampNow(), turn = (azimuth * Math.PI) / 180, far = Math.cos((elevation * Math.PI) / 180) * 46;
  const spot = ball.querySelector(".spot");
  spot.setAttribute("cx", Math.sin(turn) * far);
  spot.setAttribute("cy", -Math.cos(turn) * far);
  ball.setAttribute("aria-valuetext", `lamp at ${Math.round(azimuth)} degrees clockwise from the top, ${Math.round(elevation)} degrees high`);
  ball.setAttribute("aria-valuenow", Math.round(azimuth));
}

async function prepare(relief) {
  studio = { normals: relief.normals, draw: null };
  const gl = relit.getContext("webgl2");
  if (!gl) return;  // The program's own picture follows once the lamp stands still.
  const mine = studio, images = await Promise.all([relief.normals, relief.albedo].map(loaded));
  if (mine !== studio) return;
  relit.width = images[0].naturalWidth;
  relit.height = images[0].naturalHeight;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTICES], [gl.FRAGMENT_SHADER, FRAGMENTS]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  const corner = gl.getAttribLocation(program, "corner");
  gl.enableVertexAttribArray(corner);
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  images.forEach((image, unit) => {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.uniform1i(gl.getUniformLocation(program, ["normals", "albedo"][unit]), unit);
  });
  const place = (name) => gl.getUniformLocation(program, name);
  studio.draw = ({ azimuth, elevation, shine, kept }) => {
    const turn = (azimuth * Math.PI) / 180, high = (elevation * Math.PI) / 180;
    gl.viewport(0, 0, relit.width, relit.height);
    // Green of the normals rises upward, so does y here.
    gl.uniform3f(place("lamp"), Math.sin(turn) * Math.cos(high), Math.cos(turn) * Math.cos(high), Math.sin(high));
    gl.uniform1f(place("shine"), shine);
    gl.uniform1i(place("kept"), kept ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  };
}

function loaded(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });
}

function relight() {
  paintBall();
  if (!studio || !studio.draw) return;
  studio.draw(lampNow());
  show(relit, true);
}

function moveLamp(azimuth, elevation) {
  fusionForm.elements.azimuth.value = Math.round(((azimuth % 360) + 360) % 360);
  fusionForm.elements.elevation.value = Math.round(Math.min(90, Math.max(1, elevation)));
  relight();
  askWithSettings();
}

// From the middle of something round or square: at its rim the lamp stands lowest.
function lampFrom(event, node) {
  const frame = node.getBoundingClientRect(), half = Math.min(frame.width, frame.height) / 2;
  const x = (event.clientX - frame.left - frame.width / 2) / half, y = (event.clientY - frame.top - frame.height / 2) / half;
  const high = (Math.acos(Math.min(1, Math.hypot(x, y))) * 180) / Math.PI;
  moveLamp((Math.atan2(x, -y) * 180) / Math.PI, Math.max(5, high));
}

function follow(on) {
  following = on;
  if (!on) settled();
  find("[data-do=follow]").setAttribute("aria-pressed", String(on));
}

const LAMP_KEYS = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, 5], ArrowDown: [0, -5] };

ball.addEventListener("keydown", (event) => {
  const step = LAMP_KEYS[event.key];
  if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const { azimuth, elevation } = lampNow();
  moveLamp(azimuth + step[0], elevation + step[1]);
});
ball.addEventListener("pointerdown", (event) => { ball.setPointerCapture(event.pointerId); lampFrom(event, ball); });
ball.addEventListener("pointermove", (event) => { if (event.buttons & 1) lampFrom(event, ball); });
find("[data-do=follow]").addEventListener("click", () => follow(!following));
find(".stage").addEventListener("pointermove", (event) => { if (following && !event.buttons) lampFrom(event, find(".stage")); });
find(".enhanced").addEventListener("load", settled);
