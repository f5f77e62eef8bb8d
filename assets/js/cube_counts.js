// The cube of a table, flag x redshift x magnitude, and what counting a part of it gives.
(() => {
  "use strict";

  const fetchCube = async (base) => {
    const product = document.querySelector("[data-product]").dataset.product;
    const query = base ? `?cut=${encodeURIComponent(base)}` : "";
    const answer = await fetch(`/api/products/${product}/cube/${query}`);
    if (!answer.ok) throw new Error(`no cube: ${answer.status}`);
    const cube = await answer.json();
    return { ...cube, counts: Uint32Array.from(cube.counts), edges: cube.axes.map((axis) => axis.edges) };
  };

  // Everything that is drawn, in one walk over the chosen part of the cube.
  const count = (cube, flags, [zFirst, zLast], [mFirst, mLast]) => {
    const [nFlags, nZ, nM] = cube.shape;
    const found = { flag: new Float64Array(nFlags), redshift: new Float64Array(nZ), magnitude: new Float64Array(nM) };
    found.cells = new Float64Array(nZ * nM);
    for (const flag of flags) {
      for (let z = zFirst; z <= zLast; z += 1) {
        const start = (flag * nZ + z) * nM;
        let row = 0;
        for (let m = mFirst; m <= mLast; m += 1) {
          const n = cube.counts[start + m];
          if (n === 0) continue;
          row += n;
          found.magnitude[m] += n;
          found.cells[z * nM + m] += n;
        }
        found.redshift[z] += row;
        found.flag[flag] += row;
      }
    }
    found.total = found.flag.reduce((sum, n) => sum + n, 0);
    return found;
  };

  window.pzserver = Object.assign({}, window.pzserver, { cube: { fetchCube, count } });
})();
