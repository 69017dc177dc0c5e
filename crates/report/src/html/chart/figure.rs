//! Charts as markup, for pages that are put together from parts.

use askama::Template;

use crate::RenderError;
use crate::html::chart::calendar::Calendar;
use crate::html::chart::dumbbell::Dumbbell;
use crate::html::chart::slope::Slope;
use crate::html::chart::timeline::Timeline;
use crate::html::chart::trajectory::Trajectory;

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident($of:ty $(, $text:ident)*) = $macro:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// If the chart cannot be rendered, which is a bug.
        pub fn $name(of: &$of $(, $text: &str)*) -> Result<String, RenderError> {
            #[derive(Template)]
            #[template(source = $macro, ext = "html")]
            struct Figure<'f> {
                of: &'f $of,
                $($text: &'f str,)*
            }
            Ok(Figure { of $(, $text)* }.render()?)
        }
    )*};
}

figures! {
    /// Returns a trajectory with its table; `id` is unique on the page, and `name` is that of the provider.
    trajectory(Trajectory, id, name) = "{% import \"charts.html\" as charts %}{% call charts::trajectory(of, id, name) %}{% endcall %}";
    /// Returns a dumbbell chart; `id` is unique on the page.
    dumbbell(Dumbbell, id) = "{% import \"charts.html\" as charts %}{% call charts::dumbbell(of, id) %}{% endcall %}";
    /// Returns a slope chart; `id` is unique on the page.
    slope(Slope, id) = "{% import \"charts.html\" as charts %}{% call charts::slope(of, id) %}{% endcall %}";
    /// Returns a timeline, which can be scrolled sideways; `id` is unique on the page.
    timeline(Timeline, id) = "{% import \"charts.html\" as charts %}<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Timeline\">{% call charts::timeline(of, id) %}{% endcall %}</div>";
    /// Returns a calendar; `participant` is what its rows are about.
    calendar(Calendar, participant) = "{% import \"charts.html\" as charts %}{% call charts::calendar(of, participant) %}{% endcall %}";
}
