(function () {
    "use strict";
    var chart = document.getElementById("chart");
    if (!chart) return;
    // The flamegraph's own script makes the picture as wide as the window.
    var page = chart.ownerSVGElement;
    function fill() {
        chart.setAttribute("width", Math.max(page.width.baseVal.value - 20, 0));
    }
    window.addEventListener("resize", fill);
    setTimeout(fill, 0);
    var nanos = Number(chart.getAttribute("data-nanos"));
    var boxes = Array.prototype.map.call(chart.querySelectorAll("svg"), function (box) {
        var from = parseFloat(box.getAttribute("x"));
        return { box: box, from: from, width: parseFloat(box.getAttribute("width")) };
    });
    var ticks = chart.querySelectorAll(".tick");
    function time(n) {
        var units = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]];
        for (var i = 0; i < units.length; i++) {
            if (n >= units[i][1]) return Number((n / units[i][1]).toPrecision(4)) + " " + units[i][0];
        }
        return "0";
    }
    function show(from, width) {
        var scale = 100 / width;
        boxes.forEach(function (b) {
            var x = (b.from - from) * scale, w = b.width * scale;
            var seen = x + w > 0 && x < 100;
            b.box.style.display = seen ? "" : "none";
            if (!seen) return;
            var left = Math.max(x, 0);
            b.box.setAttribute("x", left + "%");
            b.box.setAttribute("width", Math.max(Math.min(x + w, 100) - left, 0) + "%");
        });
        for (var i = 0; i < ticks.length; i++) {
            ticks[i].textContent = time((from + width * i / 4) / 100 * nanos);
        }
    }
    chart.addEventListener("click", function (event) {
        var box = event.target;
        while (box !== chart && box.tagName !== "svg") box = box.parentNode;
        var found = boxes.filter(function (b) { return b.box === box; })[0];
        if (found && found.width > 0) show(found.from, found.width); else show(0, 100);
    });
    var link = document.getElementById("save");
    link.addEventListener("click", function () {
        var trace = document.getElementById("trace").textContent;
        var a = document.createElementNS("http://www.w3.org/1999/xhtml", "a");
        a.href = URL.createObjectURL(new Blob([trace], { type: "application/json" }));
        a.download = link.getAttribute("data-name");
        page.appendChild(a);
        a.click();
        page.removeChild(a);
        // What is handed out is read after this.
        setTimeout(function () { URL.revokeObjectURL(a.href); }, 10000);
    });
})();
