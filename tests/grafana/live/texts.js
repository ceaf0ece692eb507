() => {
    // Texts of canvas panels that can be seen now, with the place of their letters and their contrast.
    const PANELS = "section.panel-container, section[data-testid^='data-testid Panel header']";
    const colour = text => {
        const parts = (text.match(/[\d.]+/g) || []).map(Number);
        return parts.length >= 3 ? [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1] : [0, 0, 0, 0];
    };
    const over = (front, back) => [0, 1, 2].map(i => front[i] * front[3] + back[i] * (1 - front[3]));
    const luminance = rgb => {
        const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, two) => {
        const [light, dark] = [luminance(one), luminance(two)].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
    };
    const behind = (element, x, y) => {
        const stack = document.elementsFromPoint(x, y);
        const below = stack.slice(stack.indexOf(element) + 1).reverse();
        return below.reduce((back, each) => over(colour(getComputedStyle(each).backgroundColor), back), [17, 18, 23]);
    };
    const found = [];
    [...document.querySelectorAll(PANELS)].forEach((panel, number) => {
        const edge = panel.getBoundingClientRect();
        const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const element = node.parentElement;
            if (!node.data.trim() || element.closest("svg, style, button")) continue;
            const style = getComputedStyle(element), front = colour(style.color), size = parseFloat(style.fontSize);
            if (front[3] === 0 || style.visibility !== "visible") continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            // The letters only: without the space above and below them in their line.
            let lines = [...range.getClientRects()].filter(r => r.width > 0).map(r => {
                const middle = (r.top + r.bottom) / 2;
                return [r.left, middle - 0.37 * size, r.right, middle + 0.37 * size];
            });
            if (!lines.length) continue;
            const [left, top, right, bottom] = lines[0];
            const back = behind(element, (left + right) / 2, (top + bottom) / 2);
            found.push({
                panel: number, text: node.data.trim(), size, boxes: lines,
                within: [edge.left, edge.top, edge.right, edge.bottom], contrast: contrast(over(front, back), back),
            });
        }
    });
    return found;
}
