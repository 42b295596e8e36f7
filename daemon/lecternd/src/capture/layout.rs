//! Where each picture stands in the program: pure arithmetic.

use lectern_api::status::Role;

/// A rectangle of the program, in pixels; every edge is even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// One rectangle per picture source, in their order. The first board fills the
/// frame, or the first camera where there is no board; the others stand in a
/// column at the right edge, a quarter wide, from the bottom up, and become
/// smaller when there are more than three of them.
pub(crate) fn layout(roles: &[Role], width: u32, height: u32) -> Vec<Rect> {
    let main = roles.iter().position(|r| *r == Role::Board).unwrap_or(0);
    let insets = u32::try_from(roles.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let margin = even(height / 45);
    // As many as there are must fit above each other with their margins.
    let tallest = (height - margin) / insets.max(1);
    let inset_height = even((height / 4).min(tallest.saturating_sub(margin))).max(2);
    let inset_width = even(inset_height * width / height).max(2);
    let mut next = 0;
    roles
        .iter()
        .enumerate()
        .map(|(i, _)| {
            if i == main {
                return Rect { x: 0, y: 0, width, height };
            }
            next += 1;
            let y = height.saturating_sub(next * (inset_height + margin));
            Rect { x: width - inset_width - margin, y: even(y), width: inset_width, height: inset_height }
        })
        .collect()
}

fn even(pixels: u32) -> u32 {
    pixels & !1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_fills_the_frame_and_the_camera_stands_in_its_corner() {
        let rects = layout(&[Role::Camera, Role::Board], 1280, 720);
        assert_eq!(rects[1], Rect { x: 0, y: 0, width: 1280, height: 720 });
        assert_eq!(rects[0], Rect { x: 944, y: 524, width: 320, height: 180 });
    }

    #[test]
    fn any_number_of_pictures_stays_inside_the_frame_and_apart() {
        for count in 1..=12 {
            for (width, height) in [(320, 180), (640, 360), (1280, 720), (1920, 1080), (720, 1280)] {
                let rects = layout(&vec![Role::Camera; count], width, height);
                for (i, a) in rects.iter().enumerate() {
                    assert!(a.x + a.width <= width && a.y + a.height <= height, "{count}: {a:?}");
                    assert!([a.x, a.y, a.width, a.height].iter().all(|v| v % 2 == 0), "{a:?}");
                    for b in &rects[i + 1..] {
                        let apart = i == 0 || b.y + b.height <= a.y || a.y + a.height <= b.y;
                        assert!(apart, "{count}: {a:?} {b:?}");
                    }
                }
            }
        }
    }
}
