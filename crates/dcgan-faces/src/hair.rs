//! The hair of every style, behind the head and in front of it.

use super::canvas::Canvas;
use super::choices::{HairStyle, Headwear};
use super::color::{Rgb, darker, lighter, mix};
use super::face::Face;
use super::hat::RIM;
use super::head::Head;
use super::locks;
use super::outline::Outline;

/// The hair behind head, neck and shoulders.
pub(super) fn draw_back(canvas: &mut Canvas, face: &Face, head: &Head) {
    if let Some(shape) = back(face, head) {
        let color = match face.hair_style {
            HairStyle::Afro => color(face, head),
            _ => darker(color(face, head), 0.16),
        };
        match face.hair_style {
            // tied below any hat
            HairStyle::Ponytail | HairStyle::Pigtails => canvas.fill(&shape, color),
            _ => below_hat(canvas, face, head, |canvas| canvas.fill(&shape, color)),
        }
    }
}

/// The hair over the skull and along the face.
pub(super) fn draw_front(canvas: &mut Canvas, face: &Face, head: &Head) {
    let color = color(face, head);
    if hangs_beside_face(face.hair_style)
        && let Some(shape) = back(face, head)
    {
        let top = if face.headwear == Headwear::None {
            0.1
        } else {
            RIM + 0.06
        };
        canvas.inside(&locks::beside_face(head, top), |canvas| {
            canvas.fill(&shape, color);
        });
    }
    let Some(shape) = front(face, head) else {
        return;
    };
    below_hat(canvas, face, head, |canvas| canvas.fill(&shape, color));
    if face.headwear == Headwear::None && face.hair_style != HairStyle::Buzz {
        let shine = locks::shine(head, face.hair_volume);
        canvas.fill(&shine, lighter(color, 0.22));
    }
}

fn hangs_beside_face(style: HairStyle) -> bool {
    matches!(style, HairStyle::Bob | HairStyle::Long | HairStyle::Wavy)
}

fn back(face: &Face, head: &Head) -> Option<Outline> {
    let fullness = face.hair_volume;
    Some(match face.hair_style {
        HairStyle::Bob => locks::bob(head, fullness),
        HairStyle::Long => locks::long(head, fullness),
        HairStyle::Wavy => locks::wavy(head, fullness),
        HairStyle::Afro if face.headwear == Headwear::None => locks::cloud(head, fullness),
        HairStyle::Afro => locks::tufts(head, fullness),
        HairStyle::Bun if face.headwear == Headwear::None => locks::bun(fullness),
        HairStyle::Ponytail => locks::tail(head, side_of(face), fullness),
        HairStyle::Pigtails => {
            locks::tail(head, -1.0, fullness).and(locks::tail(head, 1.0, fullness))
        }
        _ => return None,
    })
}

/// The shadow of the hair on the forehead.
pub(super) fn draw_shadow(canvas: &mut Canvas, face: &Face, head: &Head) {
    if let Some(shape) = front(face, head) {
        let shadow = shape.map(|(x, y)| (x, y + 0.02));
        canvas.inside(&head.outline(0.0), |canvas| {
            canvas.fill_translucent(&shadow, head.shade, 0.8);
        });
    }
}

fn front(face: &Face, head: &Head) -> Option<Outline> {
    let fullness = face.hair_volume;
    let lift = 0.03 + 0.03 * fullness;
    let line = if face.bangs && face.hair_style.can_have_bangs() {
        locks::fringe(head)
    } else {
        match face.hair_style {
            HairStyle::Bald => return None,
            HairStyle::Short => locks::swept(head, side_of(face)),
            HairStyle::Bob | HairStyle::Long | HairStyle::Wavy | HairStyle::Pigtails => {
                locks::parted(head, 0.45 * face.parting)
            }
            _ => locks::combed_back(head),
        }
    };
    let shape = match face.hair_style {
        HairStyle::Buzz => locks::cap(head, 0.014, line),
        HairStyle::Quiff => {
            locks::cap(head, 0.016, line).and(locks::quiff(head, side_of(face), fullness))
        }
        HairStyle::Curly => locks::cap(head, 0.03, line).and(locks::curls(head, fullness)),
        HairStyle::Afro => locks::cap(head, lift, line).and(locks::curly_edge(head)),
        _ => locks::cap(head, lift, line),
    };
    Some(shape)
}

/// The side of a one-sided style: −1 left, 1 right.
fn side_of(face: &Face) -> f32 {
    if face.parting < 0.0 { -1.0 } else { 1.0 }
}

fn color(face: &Face, head: &Head) -> Rgb {
    let color = face.hair_color.rgb(face.hair_shade);
    if face.hair_style == HairStyle::Buzz {
        mix(color, head.skin, 0.25)
    } else {
        color
    }
}

/// Calls `paint`, clipped to what a hat leaves visible.
fn below_hat(canvas: &mut Canvas, face: &Face, head: &Head, paint: impl FnOnce(&mut Canvas)) {
    if face.headwear == Headwear::None {
        paint(canvas);
    } else {
        canvas.inside(&locks::below(head, RIM), paint);
    }
}
