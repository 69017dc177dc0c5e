#!/usr/bin/env python3
"""Check that every link of a built site leads to a page and an anchor of it. Usage: xtask/links.py FOLDER

Links to files of the repository outside the documentation are left alone: a site does not have them.
"""
import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """The ids and the links of a page."""

    def __init__(self, file):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.update(filter(None, [values.get("id"), values.get("name")]))
        link = values.get("href") if tag == "a" else values.get("src") if tag == "img" else None
        if link:
            self.links.append(link)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    site = pathlib.Path(sys.argv[1]).resolve()
    # The page for printing repeats all others.
    files = [file for file in site.rglob("*.html") if file.name not in ("print.html", "404.html", "toc.html")]
    pages = {file: Page(file) for file in files}
    broken, count = [], 0
    for file, page in pages.items():
        for link in page.links:
            address = urllib.parse.urlsplit(link)
            if address.scheme or link.startswith("//"):
                continue
            target = (file.parent / urllib.parse.unquote(address.path)).resolve() if address.path else file
            if not target.is_relative_to(site):
                continue
            count += 1
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                broken.append(f"{file.relative_to(site)}: {link}: no such file")
            elif address.fragment and target in pages and address.fragment not in pages[target].ids:
                broken.append(f"{file.relative_to(site)}: {link}: no such heading")
    print("\n".join(sorted(set(broken))))
    print(f"links: {count} of {len(pages)} pages, {len(set(broken))} broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
