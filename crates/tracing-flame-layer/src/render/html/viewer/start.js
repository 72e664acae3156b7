// Begins: with the report in the file, or by asking the program that served the page.

// A property of the window, for those who look with the browser's own tools.
var viewer = new Viewer();

if (document.getElementById('data')) {
  unpack('data')
    .json()
    .then(report => viewer.take(report))
    .catch(() => viewer.fail('The report in this file is cut off, or was changed.'));
} else {
  new Live(viewer).refresh();
}
