//! Charts as markup, for pages that are put together from parts.

use askama::Template;

use crate::RenderError;
use crate::chart::calendar::Calendar;
use crate::chart::dumbbell::Dumbbell;
use crate::chart::slope::Slope;
use crate::chart::timeline::Timeline;
use crate::chart::trajectory::Trajectory;

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident($macro:literal, $of:ty);)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// If the chart cannot be rendered, which is a bug.
        pub fn $name(of: &$of, id: &str, name: &str) -> Result<String, RenderError> {
            #[derive(Template)]
            #[template(source = $macro, ext = "html")]
            struct Figure<'f> {
                of: &'f $of,
                id: &'f str,
                name: &'f str,
            }
            Ok(Figure { of, id, name }.render()?)
        }
    )*};
}

figures! {
    /// Returns a trajectory with its table; `id` is unique on the page, and `name` is that of the provider.
    trajectory("{% import \"charts.html\" as charts %}{% call charts::trajectory(of, id, name) %}{% endcall %}", Trajectory);
    /// Returns a dumbbell chart.
    dumbbell("{% import \"charts.html\" as charts %}{% call charts::dumbbell(of, id) %}{% endcall %}{% if name.is_empty() %}{% endif %}", Dumbbell);
    /// Returns a slope chart.
    slope("{% import \"charts.html\" as charts %}{% call charts::slope(of, id) %}{% endcall %}{% if name.is_empty() %}{% endif %}", Slope);
    /// Returns a timeline.
    timeline("{% import \"charts.html\" as charts %}<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{{ name }}\">{% call charts::timeline(of, id) %}{% endcall %}</div>", Timeline);
    /// Returns a calendar; `name` is what its rows are about.
    calendar("{% import \"charts.html\" as charts %}{% call charts::calendar(of, name) %}{% endcall %}{% if id.is_empty() %}{% endif %}", Calendar);
}
