// A band is { cx, cy, length, height, degrees, mirrored } in stored pixels; `degrees` clockwise turn it upright.
// Where the photograph is shown turned over (`mirrored`), its row runs from right to left in the stored pixels.

function bandFromFields(x0, y0, x1, y1, degrees, mirrored = false) {
  const width = Math.abs(x1 - x0), height = Math.abs(y1 - y0);
  const sideways = Math.abs(Math.round(degrees / 90)) % 2 === 1;
  return {
    cx: (x0 + x1) / 2, cy: (y0 + y1) / 2, degrees, mirrored,
    length: sideways ? height : width, height: sideways ? width : height,
  };
}

// The box that the fields show: the band turned by the nearest quarter turn only.
function fieldsFromBand(band) {
  const sideways = Math.abs(Math.round(band.degrees / 90)) % 2 === 1;
  const width = sideways ? band.height : band.length, height = sideways ? band.length : band.height;
  return {
    x0: Math.round(band.cx - width / 2), y0: Math.round(band.cy - height / 2),
    x1: Math.round(band.cx + width / 2), y1: Math.round(band.cy + height / 2),
    degrees: Math.round(band.degrees * 10) / 10,
  };
}

// Unit vectors along the reading and down, in stored pixels.
function bandAxes(band) {
  const angle = (-band.degrees * Math.PI) / 180, side = band.mirrored ? -1 : 1;
  return { along: [side * Math.cos(angle), side * Math.sin(angle)], down: [-Math.sin(angle), Math.cos(angle)] };
}

function bandPoint(band, along, down) {
  const axes = bandAxes(band);
  return [
    band.cx + axes.along[0] * along + axes.down[0] * down,
    band.cy + axes.along[1] * along + axes.down[1] * down,
  ];
}

function bandQuad(band) {
  const l = band.length / 2, h = band.height / 2;
  return [bandPoint(band, -l, -h), bandPoint(band, l, -h), bandPoint(band, l, h), bandPoint(band, -l, h)];
}

// A point of the photograph in the band's own axes, from its centre.
function bandLocal(band, point) {
  const axes = bandAxes(band), dx = point[0] - band.cx, dy = point[1] - band.cy;
  return [dx * axes.along[0] + dy * axes.along[1], dx * axes.down[0] + dy * axes.down[1]];
}

// The band after one of its handles was dragged to `point`.
function bandDragged(band, handle, point, grip) {
  const [along, down] = bandLocal(band, point);
  if (handle === "body") {
    return { ...band, cx: band.cx + point[0] - grip[0], cy: band.cy + point[1] - grip[1] };
  }
  if (handle === "top" || handle === "bottom") {
    return { ...band, height: Math.max(4, 2 * Math.abs(down)) };
  }
  const fixed = bandPoint(band, handle === "end" ? -band.length / 2 : band.length / 2, 0);
  const sign = (handle === "end" ? 1 : -1) * (band.mirrored ? -1 : 1);
  const dx = (point[0] - fixed[0]) * sign, dy = (point[1] - fixed[1]) * sign;
  return {
    ...band, cx: (point[0] + fixed[0]) / 2, cy: (point[1] + fixed[1]) / 2,
    length: Math.max(4, Math.hypot(dx, dy)), degrees: (-Math.atan2(dy, dx) * 180) / Math.PI,
  };
}

// 3×3 matrices come from the server as nine numbers, row by row.
function through(matrix, [x, y]) {
  const w = matrix[6] * x + matrix[7] * y + matrix[8];
  return [
    (matrix[0] * x + matrix[1] * y + matrix[2]) / w,
    (matrix[3] * x + matrix[4] * y + matrix[5]) / w,
  ];
}
