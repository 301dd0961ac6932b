"""HTML tables -> header and rows with the line each row starts on; any bytes are read, scripts are not."""

from html.parser import HTMLParser

Rows = tuple[tuple[int, tuple[str, ...]], ...]


def html_table(source: str) -> tuple[tuple[str, ...], Rows]:
    """The header cells and the rows (line counted from 1 in `source`, cells) of the tables in `source`."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.header, tuple(reader.rows)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.header: tuple[str, ...] = ()
        self.rows: list[tuple[int, tuple[str, ...]]] = []
        self._cells: list[str] = []
        self._kinds: set[str] = set()
        self._text: list[str] | None = None
        self._line = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        match tag:
            case "tr":
                self._end_row()
                self._line = self.getpos()[0]
            case "td" | "th":
                self._end_cell()
                self._kinds.add(tag)
                self._text = []
            case "br" | "li" | "p" if self._text is not None:
                self._text.append(" ")
            case "b" | "strong" if self._text is not None:
                self._text.append("**")
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "td" | "th":
                self._end_cell()
            case "tr" | "table":
                self._end_row()
            case "b" | "strong" if self._text is not None:
                self._text.append("**")
            case _:
                pass

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._text is not None:
            self._cells.append(" ".join("".join(self._text).split()))
            self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        cells = tuple(self._cells)
        if cells:
            if not self.header and not self.rows:
                self.header = cells
            else:
                self.rows.append((self._line, cells))
        self._cells, self._kinds = [], set()
