/** A grey box in the place of a picture: this page loads nothing from elsewhere. */
const BOX = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="120" viewBox="0 0 600 120">' +
    '<rect width="600" height="120" fill="#c9ced6"/><path d="M0 120 220 30l140 60 90-40 150 70z" fill="#a9b0ba"/></svg>',
)}`;

/** A mail's HTML as a frame of this page can show it, light or dark: without pictures from elsewhere, and with
 * links that lead nowhere but say where they would. */
export function framed(html: string, dark: boolean): string {
  const scheme = dark ? "dark" : "light";
  return html
    .replace(/(<img\b[^>]*?\ssrc=")[^"]*(")/gi, `$1${BOX}$2`)
    .replace(/(<\w[^>]*?)\sbackground="[^"]*"/gi, "$1")
    .replace(/(<a\b[^>]*?)\shref="([^"]*)"/gi, '$1 title="$2"')
    .replace(
      /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi,
      (_, wanted: string) => `(min-width:${wanted.toLowerCase() === scheme ? 0 : 999999}px)`,
    )
    .replace(/color-scheme:\s*light dark/gi, `color-scheme:${scheme}`);
}
