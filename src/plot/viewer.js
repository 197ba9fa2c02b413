/* The script inside of interactive pictures: draws what FMPROF_DATA holds, and follows wheel, mouse and keys.
 * Names reach the page by textContent and nothing else, so that they are never markup. */
(function () {
"use strict";
const D = FMPROF_DATA, NS = "http://www.w3.org/2000/svg";
const svg = document.getElementById("fmprof-script").ownerSVGElement;
const W = D.width, H = D.height, S = D.scale, FONT = "DejaVu Sans,Verdana,sans-serif";
const LEFT = 84 * S, TOP = 78 * S, BOTTOM = H - 62 * S, RIGHT = W - (D.functions.length ? Math.min(300 * S, W * 0.3) : 32 * S);
const INK = "#263238", FAINT = "#66737d", GRID = "#dde3e7", CURVE = "#2f3e48";

/* ---- data ---- */
function summed(deltas) {
	let at = 0;
	return deltas.map(delta => at += delta);
}
const T = summed(D.t), M = summed(D.m), UNIT = D.unit, SPAN = Math.max(D.span, 1);
const OWNER = [];
for (let i = 0; i < D.owners.length; i += 2)
	for (let n = D.owners[i + 1]; n > 0; n--)
		OWNER.push(D.owners[i]);
const BLOCKS = [];
for (let i = 0, from = 0; i < D.blocks.length; i += 9) {
	const b = D.blocks;
	from += b[i + 2];
	BLOCKS.push({shown: b[i], row: b[i + 1], from: from, to: from + b[i + 3], rss: b[i + 4], out: b[i + 5],
		calls: b[i + 6], busy: b[i + 7], flags: b[i + 8]});
}
const ROWS = BLOCKS.reduce((most, b) => Math.max(most, b.row + 1), 0);
const ROW = ROWS ? Math.min(19 * S, 0.28 * (BOTTOM - TOP) / ROWS) : 0, CURVE_TOP = TOP + ROWS * ROW + 40 * S;
let from = 0, to = SPAN, low = 0, high = 1, queued = false, last = {inside: false};

function first(array, time) {
	let a = 0, b = array.length;
	while (a < b) {
		const middle = (a + b) >> 1;
		if (array[middle] < time) a = middle + 1; else b = middle;
	}
	return a;
}
function memory(time) {
	const i = first(T, time);
	if (i === 0) return M[0];
	if (i === T.length) return M[i - 1];
	return T[i] === T[i - 1] ? M[i] : M[i - 1] + (M[i] - M[i - 1]) * (time - T[i - 1]) / (T[i] - T[i - 1]);
}
const x = time => LEFT + (time - from) / (to - from) * (RIGHT - LEFT);
const y = kib => BOTTOM - (kib - low) / (high - low) * (BOTTOM - CURVE_TOP);
const time = px => from + (px - LEFT) / (RIGHT - LEFT) * (to - from);

/* ---- words ---- */
function bytes(kib) {
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
	let unit = 0, sign = 0 > kib ? "-" : "";
	kib = Math.abs(kib);
	while (kib >= 1023.95 && 4 > unit) { kib /= 1024; unit++; }
	return sign + kib.toFixed(Math.min(unit, 2)) + " " + units[unit];
}
function duration(ns) {
	if (1e3 > ns) return Math.round(ns) + " ns";
	if (999500 > ns) return (ns / 1e3).toFixed(1) + " µs";
	if (999.5e6 > ns) return (ns / 1e6).toFixed(99.95e6 > ns ? 2 : 0) + " ms";
	if (600e9 > ns) return (ns / 1e9).toFixed(3) + " s";
	const seconds = Math.round(ns / 1e9), rest = (seconds % 60).toString().padStart(2, "0") + " s";
	return seconds >= 36000 ? Math.floor(seconds / 3600) + " h " + Math.floor(seconds / 60 % 60) + " min" : Math.floor(seconds / 60) + " min " + rest;
}
function name(block) {
	const of = block.shown === D.functions.length ? "another function" : D.functions[block.shown].name;
	return block.calls > 1 ? of + " ×" + block.calls.toLocaleString("en") : of;
}
const colour = shown => shown === D.functions.length || 0 > shown ? "#8a959e" : D.functions[shown].colour;

/* ---- drawing ---- */
function add(parent, kind, attributes, words) {
	const element = document.createElementNS(NS, kind);
	for (const key in attributes) element.setAttribute(key, attributes[key]);
	if (words !== undefined) element.textContent = words;
	parent.appendChild(element);
	return element;
}
function text(parent, px, py, words, size, more) {
	return add(parent, "text", Object.assign({x: px, y: py, "font-size": size * S, "font-family": FONT, fill: INK}, more), words);
}
/* By the width that letters have on average; only the browser knows better. */
function shortened(words, room, size) {
	const most = Math.floor(room / (0.6 * size * S));
	return words.length > most ? 3 > most ? "" : words.slice(0, most - 1) + "…" : words;
}
for (const old of Array.from(svg.children))
	if (old.id !== "fmprof-script" && old.nodeName !== "title" && old.nodeName !== "desc" && old.nodeName !== "defs")
		svg.removeChild(old);
svg.style.touchAction = "none";
add(svg, "rect", {width: W, height: H, fill: "#fff"});
const clip = add(add(svg, "defs", {}), "clipPath", {id: "fmprof-clip"});
add(clip, "rect", {x: LEFT, y: TOP - 1, width: RIGHT - LEFT, height: BOTTOM - TOP + 1});
text(svg, LEFT, 33 * S, D.title, 17, {"font-weight": "bold"});
text(svg, LEFT, 57 * S, D.summary, 13, {fill: FAINT});
text(svg, RIGHT, 57 * S, "wheel: zoom · drag: zoom to · shift-drag: move · double click: all", 11, {fill: FAINT, "text-anchor": "end", id: "fmprof-help"});
D.functions.forEach((f, i) => {
	const top = TOP + i * 37 * S;
	add(svg, "rect", {x: RIGHT + 24 * S, y: top, width: 24 * S, height: 16 * S, fill: f.colour, "fill-opacity": 0.45, stroke: f.colour});
	text(svg, RIGHT + 58 * S, top + 9 * S, shortened(f.name, W - RIGHT - 70 * S, 13), 13);
	text(svg, RIGHT + 58 * S, top + 25 * S, shortened(f.figures, W - RIGHT - 50 * S, 12), 12, {fill: FAINT});
});
if (D.others) text(svg, RIGHT + 58 * S, TOP + D.functions.length * 37 * S + 12 * S, "… and " + D.others + " more", 13);
const axes = add(svg, "g", {}), drawing = add(svg, "g", {"clip-path": "url(#fmprof-clip)", id: "fmprof-drawing"});
const band = add(svg, "rect", {fill: "#0072b2", "fill-opacity": 0.15, visibility: "hidden", y: TOP, height: BOTTOM - TOP});
const cursor = add(svg, "line", {stroke: FAINT, "stroke-dasharray": "3,3", visibility: "hidden", y1: TOP, y2: BOTTOM});
const tip = add(svg, "g", {visibility: "hidden", id: "fmprof-tip", "pointer-events": "none"});

function step(least) {
	const magnitude = Math.pow(10, Math.floor(Math.log10(least)));
	return [1, 2, 2.5, 5, 10].find(s => s * magnitude >= least * 0.999999) * magnitude;
}
function tics(a, b, most, draw) {
	const by = step((b - a) / most), digits = Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(by))));
	for (let i = Math.ceil(a / by - 1e-9); b * (1 + 1e-12) >= i * by; i++) draw(i * by, String(+(i * by).toFixed(digits)));
}
function drawAxes() {
	const ns = SPAN * UNIT;
	const [second, word] = [[3.6e12 * 5, 3.6e12, "h"], [9e11, 6e10, "min"], [1e9, 1e9, "s"], [1e6, 1e6, "ms"], [0, 1e3, "µs"]].find(u => ns >= u[0]).slice(1);
	const most = high - low;
	const [size, unit] = [[2 ** 41, 2 ** 40, "PiB"], [2 ** 31, 2 ** 30, "TiB"], [2 ** 21, 2 ** 20, "GiB"], [1024, 1024, "MiB"], [0, 1, "KiB"]].find(u => (low > 0 ? 4 * most : most) >= u[0]).slice(1);
	tics(low / size, high / size, 8, (value, words) => {
		add(axes, "line", {x1: LEFT, x2: RIGHT, y1: y(value * size), y2: y(value * size), stroke: GRID});
		text(axes, LEFT - 8 * S, y(value * size) + 4 * S, words, 12, {"text-anchor": "end", fill: FAINT});
	});
	tics(from * UNIT / second, to * UNIT / second, 10, (value, words) => {
		add(axes, "line", {x1: x(value * second / UNIT), x2: x(value * second / UNIT), y1: BOTTOM, y2: BOTTOM + 5 * S, stroke: FAINT});
		text(axes, x(value * second / UNIT), BOTTOM + 20 * S, words, 12, {"text-anchor": "middle", fill: FAINT});
	});
	add(axes, "line", {x1: LEFT, x2: RIGHT, y1: BOTTOM, y2: BOTTOM, stroke: "#cfd6db"});
	text(axes, (LEFT + RIGHT) / 2, H - 16 * S, "time (" + word + ")", 12.5, {"text-anchor": "middle", fill: FAINT});
	const middle = (CURVE_TOP + BOTTOM) / 2;
	text(axes, 22 * S, middle, "memory (" + unit + ")" + (low > 0 ? ", not from zero" : ""), 12.5,
		{"text-anchor": "middle", fill: FAINT, transform: "rotate(-90 " + 22 * S + " " + middle + ")"});
}
/* Points of the window, at most four for each pixel. */
function visible() {
	const begin = Math.max(0, first(T, from) - 1), end = Math.min(T.length, first(T, to) + 1), kept = [];
	for (let i = begin; end > i;) {
		const pixel = Math.floor(x(T[i]));
		let lowest = i, highest = i, last = i;
		for (let j = i; end > j; j++) {
			if (Math.floor(x(T[j])) !== pixel) break;
			if (M[lowest] > M[j]) lowest = j;
			if (M[j] > M[highest]) highest = j;
			last = j;
		}
		kept.push(...new Set([i, Math.min(lowest, highest), Math.max(lowest, highest), last]));
		i = last + 1;
	}
	return kept;
}
function range(points) {
	low = Infinity; high = 0;
	for (const i of points) { low = Math.min(low, M[i]); high = Math.max(high, M[i]); }
	if (from === 0 && to === SPAN) high = Math.max(high, D.peak);
	const spread = high - low;
	low = 256 > spread || high / 200 > spread || spread > high / 5 ? 0 : Math.max(0, low - spread / 5);
	if (!(high > low)) high = low + 1;
}
function drawCurve(points) {
	const at = points.map(i => x(T[i]).toFixed(1) + "," + y(M[i]).toFixed(1));
	for (let i = 0; points.length - 1 > i;) {
		let j = i;
		while (points.length - 1 > j && OWNER[points[j]] === OWNER[points[i]]) j++;
		const shown = OWNER[points[i]];
		add(drawing, "path", {d: "M" + x(T[points[i]]).toFixed(1) + "," + BOTTOM + "L" + at.slice(i, j + 1).join("L") + "L" + x(T[points[j]]).toFixed(1) + "," + BOTTOM + "Z",
			fill: 0 > shown ? "#b4c0c9" : colour(shown), "fill-opacity": 0.42});
		i = j;
	}
	if (points.length) add(drawing, "path", {d: "M" + at.join("L"), fill: "none", stroke: CURVE, "stroke-width": 2 * S, "stroke-linejoin": "round", id: "fmprof-curve"});
}
function bracket(px, py, serif, stroke) {
	const half = 12 * S;
	/* On the time axis rather than cut by it. */
	py = Math.min(py, BOTTOM - half);
	const d = "M" + (px + serif) + "," + (py - half) + "H" + px + "V" + (py + half) + "h" + serif;
	add(drawing, "path", {d: d, fill: "none", stroke: "#fff", "stroke-opacity": 0.6, "stroke-width": 5 * S});
	add(drawing, "path", {d: d, fill: "none", stroke: stroke, "stroke-width": 2.5 * S});
}
function drawPeak() {
	const at = D.peakAt, level = y(D.peak);
	if (from > at || at > to || CURVE_TOP - 1 > level) return;
	add(drawing, "path", {d: "M" + LEFT + "," + level + "H" + RIGHT + "M" + x(at) + "," + level + "V" + BOTTOM, stroke: "#4a5760", "stroke-width": 1.2 * S, "stroke-dasharray": "9,6"});
	const words = "peak " + bytes(D.peak), room = words.length * 4.5 * S;
	text(drawing, Math.max(LEFT + room, Math.min(RIGHT - room, x(at))), level - 12 * S, words, 13, {"text-anchor": "middle", "font-weight": "bold", fill: "#4a5760", id: "fmprof-peak"});
}
function drawBlocks() {
	const wide = [], until = [];
	for (const b of BLOCKS) {
		if (from > b.to || b.from > to) continue;
		const left = x(b.from), width = Math.max(x(b.to) - left, 1);
		/* What lies within a pixel that is drawn already cannot be seen. */
		if (2 > width && until[b.row] > left) continue;
		until[b.row] = Math.max(left + 1, left + width);
		add(drawing, "rect", {x: left, y: TOP + b.row * ROW + 1, width: width, height: Math.max(ROW - 2, 0.5), fill: colour(b.shown), "fill-opacity": b.calls > 1 ? 0.55 : 0.35});
		if (width > 40 * S && ROW >= 12 * S) {
			const start = Math.max(left, LEFT);
			text(drawing, start + 6 * S, TOP + (b.row + 0.5) * ROW + 4 * S, shortened(name(b), Math.min(left + width, RIGHT) - start - 10 * S, 12), 12);
		}
		if (width > 8 * S) wide.push(b);
	}
	wide.sort((a, b) => (b.to - b.from) - (a.to - a.from));
	for (const b of wide.slice(0, 60).reverse()) {
		const serif = Math.min(6 * S, (x(b.to) - x(b.from)) / 2);
		bracket(x(b.from), y(b.rss), serif, colour(b.shown));
		bracket(x(b.to), y(b.out), -serif, colour(b.shown));
	}
}
function draw() {
	queued = false;
	axes.replaceChildren();
	drawing.replaceChildren();
	const points = visible();
	range(points);
	drawAxes();
	drawCurve(points);
	drawBlocks();
	drawPeak();
	hover(last);
	svg.dataset.from = Math.round(from * UNIT);
	svg.dataset.to = Math.round(to * UNIT);
}
function show(a, b) {
	const least = Math.min(SPAN, Math.max(16, 1e3 / UNIT)), length = Math.min(SPAN, Math.max(least, b - a));
	from = Math.max(0, Math.min((a + b - length) / 2, SPAN - length));
	to = from + length;
	if (!queued) requestAnimationFrame(draw);
	queued = true;
}

/* ---- mouse and keys ---- */
function place(event) {
	const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
	return {x: at.x, y: at.y, inside: at.x >= LEFT && RIGHT >= at.x && at.y >= TOP && BOTTOM >= at.y};
}
/* The block under the mouse; beneath the strip the innermost at that time. */
function blockAt(at) {
	const row = at.y > TOP + ROWS * ROW ? -1 : Math.floor((at.y - TOP) / ROW), t = time(at.x), near = (to - from) / (RIGHT - LEFT);
	let found = null;
	for (const b of BLOCKS) {
		if (b.from - near > t) break;
		if (t > b.to + near || (row >= 0 && b.row !== row)) continue;
		if (!found || b.row >= found.row) found = b;
	}
	return found;
}
function hover(at) {
	last = at;
	tip.replaceChildren();
	tip.setAttribute("visibility", at.inside ? "visible" : "hidden");
	cursor.setAttribute("visibility", at.inside ? "visible" : "hidden");
	if (!at.inside) return;
	cursor.setAttribute("x1", at.x);
	cursor.setAttribute("x2", at.x);
	const b = blockAt(at), lines = ["at " + duration(time(at.x) * UNIT) + ": " + bytes(memory(time(at.x)))];
	if (b) {
		lines.unshift(name(b));
		lines.push("inside " + duration(b.busy) + (b.flags & 1 ? ", never ended" : b.flags & 2 ? ", end noticed late" : ""));
		lines.push(b.calls > 1 ? "first began at " + bytes(b.rss) + ", last ended at " + bytes(b.out) :
			bytes(b.rss) + " → " + bytes(b.out) + " (" + (b.out >= b.rss ? "+" : "") + bytes(b.out - b.rss) + ")");
	}
	const back = add(tip, "rect", {fill: "#fff", "fill-opacity": 0.94, stroke: FAINT, rx: 3 * S});
	const words = lines.map((line, i) => text(tip, 0, 0, shortened(line, 0.5 * W, 12.5), 12.5, i === 0 && b ? {"font-weight": "bold", fill: colour(b.shown)} : {}));
	const width = Math.max(...words.map(w => w.getComputedTextLength())) + 16 * S, height = (lines.length * 17 + 9) * S;
	const left = at.x + 14 * S + width > W ? at.x - 14 * S - width : at.x + 14 * S, top = Math.min(at.y + 14 * S, H - height - 2);
	words.forEach((w, i) => { w.setAttribute("x", left + 8 * S); w.setAttribute("y", top + (i * 17 + 17) * S); });
	for (const [key, value] of [["x", left], ["y", top], ["width", width], ["height", height]]) back.setAttribute(key, value);
}
let drag = null;
svg.addEventListener("wheel", event => {
	const at = place(event);
	if (!at.inside) return;
	event.preventDefault();
	const by = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
	if (by) {
		const move = (event.deltaX || event.deltaY) / (RIGHT - LEFT) * (to - from);
		show(from + move, to + move);
		return;
	}
	const t = time(at.x), factor = Math.pow(1.0015, Math.max(-400, Math.min(400, event.deltaY * (event.deltaMode ? 33 : 1))));
	show(t - (t - from) * factor, t + (to - t) * factor);
}, {passive: false});
svg.addEventListener("pointerdown", event => {
	const at = place(event);
	if (!at.inside || event.button !== 0) return;
	svg.setPointerCapture(event.pointerId);
	drag = {x: at.x, from: from, to: to, moves: event.shiftKey};
});
svg.addEventListener("pointermove", event => {
	const at = place(event);
	hover(at);
	if (!drag) return;
	if (drag.moves) {
		const by = (drag.x - at.x) / (RIGHT - LEFT) * (drag.to - drag.from);
		show(drag.from + by, drag.to + by);
		return;
	}
	const end = Math.max(LEFT, Math.min(RIGHT, at.x));
	band.setAttribute("x", Math.min(drag.x, end));
	band.setAttribute("width", Math.abs(drag.x - end));
	band.setAttribute("visibility", "visible");
});
svg.addEventListener("pointerup", event => {
	const at = place(event), end = Math.max(LEFT, Math.min(RIGHT, at.x));
	if (drag && !drag.moves && Math.abs(end - drag.x) > 4) show(time(Math.min(drag.x, end)), time(Math.max(drag.x, end)));
	drag = null;
	band.setAttribute("visibility", "hidden");
});
svg.addEventListener("pointerleave", () => hover({inside: false}));
svg.addEventListener("dblclick", () => show(0, SPAN));
document.addEventListener("keydown", event => {
	const length = to - from, middle = (from + to) / 2;
	const keys = {ArrowLeft: [from - length / 4, to - length / 4], ArrowRight: [from + length / 4, to + length / 4],
		"+": [middle - length / 4, middle + length / 4], "-": [middle - length, middle + length], "0": [0, SPAN], Escape: [0, SPAN]};
	if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
	event.preventDefault();
	show(...keys[event.key]);
});
draw();
})();
