"""The five screens: each composes its panels and shows the state that the app hands it; none holds any of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Footer

from shapetui.distributions.histogram import Histogram
from shapetui.documents.labels import cells_of
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.fidelity.measures import drawn_sizes, lengths_of
from shapetui.tui import panels, shape_panels
from shapetui.tui.actions import actions_of
from shapetui.tui.overlay import Overlay, OverlayData

if TYPE_CHECKING:
    from shapetui.tui.app import ShapetuiApp, View

TITLES = (("files", "Files"), ("shape", "Shape"), ("calibrate", "Calibrate"), ("run", "Run"), ("report", "Report"))


def bindings_of(place: str) -> list[BindingType]:
    """The keys of a screen, from the table of actions."""
    return [
        Binding(",".join(action.keys), f"app.{action.name}", action.title, show=action.footer, tooltip=action.help)
        for action in actions_of(place)
    ]


class Said(Widget):
    """A text of which only the rows that have changed are sent again: over SSH every kilobyte is felt."""

    def __init__(self, name: str, classes: str = "") -> None:
        super().__init__(id=name, classes=classes)
        self._said = Text()

    def render(self) -> Text:
        """The text."""
        return self._said

    def say(self, text: Text) -> None:
        """Shows a text; the widget keeps its size, so nothing else is laid out again."""
        if text == self._said:
            return
        self._said = text
        drawn, self_size = self._render_cache, self.size
        if not self.is_mounted or self._dirty_regions or drawn.size != self_size:
            # What is on the terminal is not what was drawn last.
            self.refresh()
            return
        self._layout_cache.clear()
        self._render_content()
        blank = Strip.blank(self_size.width, self.visual_style.rich_style)
        pairs = zip_longest(drawn.lines, self._render_cache.lines, fillvalue=blank)
        rows = [Region(0, y, self_size.width, 1) for y, (old, new) in enumerate(pairs) if old != new]
        if rows:
            self.refresh(*rows)

    def say_at_length(self, text: Text) -> None:
        """Shows a text that the widget grows and shrinks with."""
        if text.plain.count("\n") == self._said.plain.count("\n"):
            self.say(text)
        else:
            self._said = text
            self.refresh(layout=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Neighbours of one style as one piece: each piece costs a terminal forty bytes for its colours."""
        return [strip.simplify() for strip in super().render_lines(crop)]


class Panel(Said):
    """A framed text."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__(name, "panel")
        self.border_title = title
        self._entitled = (title, "")

    def entitle(self, title: str, note: str = "") -> None:
        """Title above and note below, only when they have changed: each sends the whole panel."""
        if (title, note) != self._entitled:
            self._entitled = (title, note)
            self.border_title, self.border_subtitle = Text(title), Text(note)


class Place(Screen[None]):
    """A screen of the workbench."""

    place: ClassVar[str]
    # Textual declares it without ClassVar.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """Top line, panels, keys."""
        yield Said("top")
        yield from self.panels()
        yield Footer(show_command_palette=False)

    def panels(self) -> ComposeResult:
        """The panels of the screen."""
        raise NotImplementedError

    def show(self, app: ShapetuiApp) -> None:
        """Shows the state."""
        raise NotImplementedError

    def refresh_from(self, app: ShapetuiApp) -> None:
        """Shows the state, top line included; does nothing before the panels are there."""
        if not self.is_mounted or not self.query("#top"):
            return
        width = self.app.size.width
        self.query_one("#top", Said).say(panels.top_line(self.place, TITLES, app.workbench, width))
        self.show(app)

    def on_screen_resume(self) -> None:
        """What changed while another screen was on top."""
        self.refresh_from(self._shapetui)
        self._shapetui.check_size(self.size)

    def on_resize(self, _event: events.Resize) -> None:
        """The top line reaches over the new width."""
        self.call_after_refresh(self.refresh_from, self._shapetui)

    @property
    def _shapetui(self) -> ShapetuiApp:
        from shapetui.tui.app import ShapetuiApp

        if not isinstance(self.app, ShapetuiApp):
            raise TypeError(self.app)
        return self.app

    def panel(self, name: str) -> Panel:
        """One of the panels."""
        return self.query_one(f"#{name}", Panel)


class Files(Place):
    """What is in the folder, what to do next, and both databases."""

    place = "files"
    BINDINGS = bindings_of("files")

    def panels(self) -> ComposeResult:
        """Documents on the left, checklist and databases on the right."""
        with Horizontal(classes="columns"):
            with VerticalScroll(classes="left"):
                yield Panel("documents", "documents")
            with Vertical(classes="right"):
                yield Panel("checklist", "checklist")
                yield Panel("databases", "databases")

    def show(self, app: ShapetuiApp) -> None:
        """The listing with its chosen entry, kept in view."""
        opened = {path for path in (app.workbench.draft.shape_path, app.workbench.draft.config_path) if path}
        text = panels.files(app.entries, app.chosen, opened)
        self.panel("documents").say_at_length(text)
        self.panel("checklist").say(panels.steps(app.checklist))
        self.panel("databases").say(app.databases)
        row = next((number for number, line in enumerate(text.plain.split("\n")) if line.startswith("▸")), 0)
        self.query_one(".left", VerticalScroll).scroll_to(y=max(0, row - self.size.height // 2), animate=False)


class ShapeInFull(Place):
    """One shape: sizes, lengths, types, the week, percentiles, certificate."""

    place = "shape"
    BINDINGS = bindings_of("shape")

    def panels(self) -> ComposeResult:
        """Two plots above, four texts below."""
        with VerticalScroll(classes="page"):
            with Horizontal(classes="plots"):
                yield Overlay(id="sizes")
                yield Overlay(id="lengths")
            with Horizontal(classes="texts"):
                yield Panel("types", "types")
                yield Panel("the week, UTC", "week")
            with Horizontal(classes="texts"):
                yield Panel("percentiles", "percentiles")
                yield Panel("certificate", "certificate")

    def show(self, app: ShapetuiApp) -> None:
        """The shape that was opened."""
        shape = app.workbench.draft.shape
        if shape is None:
            self.panel("types").say(Text("no shape is open: choose one on screen 1", "dim"))
            return
        self.query_one("#sizes", Overlay).show(sizes_drawn(shape, None, app.view, ("shape", "")))
        self.query_one("#lengths", Overlay).show(
            OverlayData(lengths_of(shape), None, "content length", of="messages", log_y=False)
        )
        self.panel("types").say(shape_panels.types(shape))
        self.panel("week").say(shape_panels.week(shape))
        self.panel("percentiles").say(shape_panels.percentiles(shape))
        self.panel("certificate").say(shape_panels.certificate(shape))


class Calibrate(Place):
    """The heart: production and what the draft is expected to produce, redrawn at every key."""

    place = "calibrate"
    BINDINGS = bindings_of("calibrate")

    def panels(self) -> ComposeResult:
        """Overlay and parameters on the left, verdict and fit on the right."""
        with Horizontal(classes="columns"):
            with Vertical(classes="left"):
                yield Said("brief")
                yield Overlay(id="overlay")
                yield Panel("parameters", "parameters")
            with Vertical(classes="right"):
                yield Panel("expected verdict", "verdict")
                yield Panel("fit of the tails", "fit")

    def show(self, app: ShapetuiApp) -> None:
        """The draft and its expectation."""
        bench = app.workbench
        expected, production = bench.expected, bench.draft.shape
        overlay = self.query_one("#overlay", Overlay)
        if production is not None or expected is not None:
            overlay.show(
                sizes_drawn(
                    production, expected.shape if expected else None, app.view, ("production", "synthetic, expected")
                )
            )
        self.query_one("#brief", Said).say(panels.brief_verdict(bench))
        parameters = self.panel("parameters")
        parameters.entitle("parameters", "● changed" if bench.changes else "")
        parameters.say(panels.parameter_list(bench, max(3, parameters.content_size.height)))
        verdict = self.panel("verdict")
        verdict.entitle(f"expected verdict at {bench.draft.target:,}")
        verdict.say(panels.expected_verdict(bench))
        self.panel("fit").say(panels.fit_of_tails(bench.draft.config))


class Run(Place):
    """Generating and validating, with progress, and what was done."""

    place = "run"
    BINDINGS = bindings_of("run")

    def panels(self) -> ComposeResult:
        """Plan beside progress; the log below."""
        with Horizontal(classes="columns"):
            with Vertical(classes="plan"):
                yield Panel("plan", "plan")
            with Vertical(classes="left"):
                yield Panel("job", "job")
        yield Panel("what was done", "log")

    def show(self, app: ShapetuiApp) -> None:
        """Plan, news of the job, rounds."""
        self.panel("plan").say(app.plan_text())
        self.panel("job").say(panels.job(app.news))
        height = max(1, self.panel("log").content_size.height)
        self.panel("log").say(Text("\n").join(app.done[-height:]))


class ReportInFull(Place):
    """Measured synthetic data over production, the tests, and the rounds so far."""

    place = "report"
    BINDINGS = bindings_of("report")

    def panels(self) -> ComposeResult:
        """Verdict on the left, overlay on the right, the trail below."""
        with Horizontal(classes="columns"):
            with VerticalScroll(classes="verdict-column"):
                yield Panel("fidelity", "fidelity")
            with Vertical(classes="left"):
                yield Overlay(id="measured")
        yield Panel("trail", "trail")

    def show(self, app: ShapetuiApp) -> None:
        """The latest report of this session, or the newest in the folder."""
        report = app.report
        self.panel("fidelity").say_at_length(panels.report_head(report))
        if report is not None and report.histograms is not None:
            one, two = _sides(report)
            self.query_one("#measured", Overlay).show(
                replace(
                    OverlayData(one, two, "messages per conversation", ("production", "synthetic, measured")),
                    log_x=not app.view.linear,
                    log_y=not app.view.linear,
                    ccdf=app.view.ccdf,
                )
            )
        self.panel("trail").say(Text("\n").join(app.trail) if app.trail else Text("no round yet", "dim"))


PLACES: dict[str, type[Place]] = {place.place: place for place in (Files, ShapeInFull, Calibrate, Run, ReportInFull)}


def sizes_drawn(one: Shape | None, other: Shape | None, view: View, labels: tuple[str, str]) -> OverlayData:
    """The overlay of two shapes' sizes, over all types or one of them."""
    names = list((one or other).conversations.by_type) if (one or other) is not None else []  # type: ignore[union-attr]
    label = names[view.type_index - 1] if 0 < view.type_index <= len(names) else None
    return OverlayData(
        _sizes(one, label) if one is not None else None,
        _sizes(other, label) if other is not None else None,
        f"messages per conversation, {label or 'all types'}",
        labels,
        log_x=not view.linear,
        log_y=not view.linear,
        ccdf=view.ccdf,
    )


def _sizes(shape: Shape, label: str | None) -> Histogram:
    if label is None:
        return drawn_sizes(shape)
    part = shape.conversations.by_type.get(label)
    return Histogram.of_cells(cells_of(part.messages_per_conversation_cells) if part else [])


def _sides(report: Report) -> tuple[Histogram, Histogram]:
    cells = report.histograms.messages_per_conversation if report.histograms is not None else {}
    ends = [(low, high) for low, high, _ in cells_of(dict.fromkeys(cells, 0))]
    pairs = {cells_of({label: 0})[0][:2]: pair for label, pair in cells.items()}
    one = Histogram.of_cells([(low, high, pairs[low, high][0]) for low, high in ends])
    return one, Histogram.of_cells([(low, high, pairs[low, high][1]) for low, high in ends])
