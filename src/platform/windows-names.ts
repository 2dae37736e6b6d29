/**
 * Why a relative path that is fine elsewhere does not name the file it seems to name on Windows; undefined when it does.
 * Device names open a device whatever extension follows (`nul.bin`), a colon opens a stream beside the file's own data, and
 * a trailing dot or blank is dropped, so that `w.bin.` is `w.bin` and `.. ` leads upwards.
 * Source: Microsoft, "Naming Files, Paths, and Namespaces".
 */
export function windowsObjection(location: string): string | undefined {
  for (const part of location.split(/[\\/]/)) {
    if (part === '' || part === '.') continue;
    if (part.includes(':')) return "has a ':', which Windows takes for an alternate data stream";
    if (/[<>"|?*\u0000-\u001f]/.test(part)) return 'has a character that Windows does not allow in names';
    if (/[. ]$/.test(part)) return 'has a part that ends with a dot or a blank, which Windows drops';
    const [stem = ''] = part.split('.');
    if (devices.test(stem.trimEnd())) return `names the Windows device ${stem.trimEnd().toUpperCase()}`;
  }
  return undefined;
}

/** The superscript digits count as digits there. */
const devices = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])$/i;
