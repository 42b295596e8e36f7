//! What the writer and the reader of stamps share: formats, and the properties of the rectangle.

use std::sync::LazyLock;

use gst::glib;
use gst::prelude::*;
use gst_video::VideoFormat;

use super::layout::Area;
use super::raster::{Colours, Component, Format};

/// Rectangles with a name, for the property `preset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLecternStampPreset")]
pub enum Preset {
    /// A strip in the upper left corner, for a picture that is shown in full: [`Area::STRIP`].
    #[default]
    #[enum_value(name = "Strip in the upper left corner: picture shown in full", nick = "strip")]
    Strip,
    /// A band over the upper edge, for a picture that will be shown small: [`Area::WIDE`].
    #[enum_value(name = "Band over the upper edge: picture shown at a quarter of its width", nick = "wide")]
    Wide,
}

impl Preset {
    /// The rectangle of the preset.
    pub fn area(self) -> Area {
        match self {
            Self::Strip => Area::STRIP,
            Self::Wide => Area::WIDE,
        }
    }
}

/// A preset and the rectangle that stands now (a preset sets it, single properties change it).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placement {
    preset: Preset,
    pub(crate) area: Area,
}

impl Default for Placement {
    fn default() -> Self {
        Self { preset: Preset::default(), area: Preset::default().area() }
    }
}

fn fraction(name: &str, blurb: &str, default: f64) -> glib::ParamSpec {
    glib::ParamSpecDouble::builder(name)
        .blurb(blurb)
        .minimum(0.0)
        .maximum(1.0)
        .default_value(default)
        .mutable_playing()
        .build()
}

/// Four properties of a rectangle: `x`, `y`, `width`, `height` behind `prefix`.
pub(crate) fn area_properties(prefix: &str, of: &str, default: Area) -> [glib::ParamSpec; 4] {
    let spec = |name: &str, what: &str, value| {
        fraction(&format!("{prefix}{name}"), &format!("{what} of {of}, as a fraction of the picture"), value)
    };
    [
        spec("x", "Left edge", default.x),
        spec("y", "Top edge", default.y),
        spec("width", "Width", default.width),
        spec("height", "Height", default.height),
    ]
}

fn field<'a>(area: &'a mut Area, name: &str) -> Option<&'a mut f64> {
    match name {
        "x" => Some(&mut area.x),
        "y" => Some(&mut area.y),
        "width" => Some(&mut area.width),
        "height" => Some(&mut area.height),
        _ => None,
    }
}

/// Sets the field of `area` called `name`; `false` when there is none or the value is of another type.
pub(crate) fn set_area(area: &mut Area, name: &str, value: &glib::Value) -> bool {
    match (field(area, name), value.get()) {
        (Some(field), Ok(value)) => {
            *field = value;
            true
        }
        _ => false,
    }
}

/// The field of `area` called `name`.
pub(crate) fn get_area(mut area: Area, name: &str) -> Option<glib::Value> {
    field(&mut area, name).map(|field| field.to_value())
}

impl Placement {
    pub(crate) fn properties() -> Vec<glib::ParamSpec> {
        let preset = glib::ParamSpecEnum::builder_with_default("preset", Preset::default())
            .blurb("Sets x, y, width and height; give it before those that shall differ")
            .mutable_playing()
            .build();
        std::iter::once(preset).chain(area_properties("", "the stamp", Area::STRIP)).collect()
    }

    pub(crate) fn set(&mut self, name: &str, value: &glib::Value) -> bool {
        if name != "preset" {
            return set_area(&mut self.area, name, value);
        }
        let Ok(preset) = value.get::<Preset>() else { return false };
        *self = Self { preset, area: preset.area() };
        true
    }

    pub(crate) fn get(&self, name: &str) -> Option<glib::Value> {
        if name == "preset" { Some(self.preset.to_value()) } else { get_area(self.area, name) }
    }
}

/// The caps both elements take.
pub(crate) static CAPS: LazyLock<gst::Caps> = LazyLock::new(|| {
    gst_video::VideoCapsBuilder::new()
        .format_list([
            VideoFormat::I420,
            VideoFormat::Nv12,
            VideoFormat::Yv12,
            VideoFormat::Nv21,
            VideoFormat::Y42b,
            VideoFormat::Y444,
            VideoFormat::Yuy2,
            VideoFormat::Uyvy,
            VideoFormat::Gray8,
            VideoFormat::Bgrx,
            VideoFormat::Rgbx,
            VideoFormat::Xrgb,
            VideoFormat::Xbgr,
            VideoFormat::Bgra,
            VideoFormat::Rgba,
            VideoFormat::Argb,
            VideoFormat::Abgr,
            VideoFormat::Rgb,
            VideoFormat::Bgr,
        ])
        .build()
});

/// How a frame lies in memory.
pub(crate) fn format_of<T>(frame: &gst_video::VideoFrameRef<T>) -> Format {
    use gst_video::prelude::*;
    let info = frame.info().format_info();
    let components = (0..info.n_components() as usize)
        .map(|index| Component {
            plane: info.plane()[index] as usize,
            offset: info.poffset()[index] as usize,
            step: info.pixel_stride()[index].max(1) as usize,
            halve_width: info.w_sub()[index],
            halve_height: info.h_sub()[index],
        })
        .collect();
    let mut strides = [0; 4];
    for (stride, bytes) in strides.iter_mut().zip(frame.plane_stride()) {
        *stride = usize::try_from(*bytes).unwrap_or_default();
    }
    Format {
        colours: if info.is_rgb() { Colours::Rgb } else { Colours::Luma },
        components,
        width: frame.width() as usize,
        height: frame.height() as usize,
        strides,
    }
}
