// SPDX-License-Identifier: Apache-2.0
//! The plot: what is accepted and what is detected against the share of stake that lies.

use crate::{
	ATTESTERS, PANELS,
	exact::{at_least, divergence, hypergeometric},
	rules::threshold,
	tables::power_of_ten,
};
use anyhow::{Result, anyhow};
use plotters::{
	coord::Shift,
	prelude::*,
	style::text_anchor::{HPos, Pos, VPos},
};

const SIZE: (u32, u32) = (1_080, 560);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const FAINT: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
/// Colours that people who see colours differently can tell apart (Okabe and Ito).
const COLOURS: [RGBColor; PANELS.len()] = [
	RGBColor(0x66, 0x66, 0x66),
	RGBColor(0xd5, 0x5e, 0x00),
	RGBColor(0xe6, 0x9f, 0x00),
	RGBColor(0x00, 0x9e, 0x73),
	RGBColor(0x00, 0x72, 0xb2),
	RGBColor(0x8b, 0x3f, 0x9b),
];
/// Least probability shown.
const LEAST: f64 = 1e-8;
/// Shares shown, in percent.
const FROM: usize = 5;
const TO: usize = 60;

/// Draws the plot. `sampled`: share of liars in percent, panel, share of accepted lies.
pub fn draw(sampled: &[(usize, u8, f64)]) -> Result<String> {
	let mut svg = String::new();
	{
		let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
		root.fill(&WHITE).map_err(failed)?;
		let (heading, rest) = root.split_vertically(70);
		headings(&heading)?;
		let (left, right) = rest.split_horizontally(SIZE.0 / 2);
		acceptance(&left, sampled)?;
		detection(&right)?;
		root.present().map_err(failed)?;
	}
	Ok(svg)
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
	anyhow!("the plot: {error}")
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn text(size: u32) -> TextStyle<'static> {
	TextStyle::from(("sans-serif", size).into_font()).color(&INK)
}

/// The legend, once for both halves.
fn headings(area: &Area<'_>) -> Result<()> {
	let style = text(15).pos(Pos::new(HPos::Left, VPos::Center));
	area.draw(&Text::new("panel:", (70, 22), style.clone())).map_err(failed)?;
	let mut x = 130;
	for (seats, colour) in PANELS.iter().zip(COLOURS) {
		area.draw(&PathElement::new(vec![(x, 22), (x + 26, 22)], colour.stroke_width(3)))
			.map_err(failed)?;
		let words = match seats {
			1 => "1".to_string(),
			_ => format!("{seats}, {} must agree", threshold(*seats)),
		};
		let width = 52 + 7 * words.len() as i32;
		area.draw(&Text::new(words, (x + 34, 22), style.clone())).map_err(failed)?;
		x += width;
	}
	let words = format!(
		"{ATTESTERS} attesters of equal stake. Lines: computed. Dots: sampled with the draw and the \
		 judgement of the chain."
	);
	let style = text(13).pos(Pos::new(HPos::Left, VPos::Center));
	area.draw(&Text::new(words, (70, 50), style)).map_err(failed)
}

fn share(liars: usize) -> f64 {
	liars as f64 * 100.0 / ATTESTERS as f64
}

/// The lines of one half.
fn lines(of: impl Fn(&[f64], usize) -> f64) -> Vec<(RGBColor, Vec<(f64, f64)>)> {
	PANELS
		.iter()
		.zip(COLOURS)
		.map(|(seats, colour)| {
			let points = (ATTESTERS * FROM / 100..=ATTESTERS * TO / 100)
				.map(|liars| {
					let drawn = hypergeometric(ATTESTERS, liars, (*seats).into());
					(share(liars), of(&drawn, threshold(*seats)))
				})
				.collect();
			(colour, points)
		})
		.collect()
}

fn acceptance(area: &Area<'_>, sampled: &[(usize, u8, f64)]) -> Result<()> {
	let mut chart = ChartBuilder::on(area)
		.caption("A lie is accepted", text(18))
		.margin_left(8)
		.margin_right(18)
		.margin_bottom(8)
		.x_label_area_size(48)
		.y_label_area_size(74)
		.build_cartesian_2d(FROM as f64..TO as f64, (LEAST..1.0).log_scale())
		.map_err(failed)?;
	chart
		.configure_mesh()
		.light_line_style(TRANSPARENT)
		.bold_line_style(FAINT)
		.axis_style(INK)
		.label_style(text(13))
		.axis_desc_style(text(14))
		.x_desc("share of the stake that lies together")
		.y_desc("probability per request")
		.x_labels(12)
		.x_label_formatter(&|share| format!("{share:.0} %"))
		.y_labels(9)
		.y_label_formatter(&|probability| {
			if *probability < 0.9e-4 {
				power_of_ten(probability.log10().round() as i32)
			} else {
				format!(
					"{:.*} %",
					(-2.0 - probability.log10()).round().max(0.0) as usize,
					probability * 100.0
				)
			}
		})
		.draw()
		.map_err(failed)?;
	for (colour, points) in lines(at_least) {
		// The first point below the frame's edge is moved to where the line crosses it.
		let mut seen: Vec<(f64, f64)> = Vec::new();
		let mut before = None;
		for point in points {
			if point.1 >= LEAST {
				if let (true, Some((x, y))) = (seen.is_empty(), before)
					&& y > 0.0
				{
					let part = (LEAST.log10() - f64::log10(y)) / (point.1.log10() - f64::log10(y));
					seen.push((x + (point.0 - x) * part, LEAST));
				}
				seen.push(point);
			}
			before = Some(point);
		}
		chart.draw_series(LineSeries::new(seen, colour.stroke_width(2))).map_err(failed)?;
	}
	for (share, seats, accepted) in sampled {
		let Some(at) = PANELS.iter().position(|panel| panel == seats) else { continue };
		if *accepted >= 1e-3 {
			let dot = Circle::new((*share as f64, *accepted), 4, COLOURS[at].filled());
			chart.plotting_area().draw(&dot).map_err(failed)?;
		}
	}
	Ok(())
}

fn detection(area: &Area<'_>) -> Result<()> {
	let mut chart = ChartBuilder::on(area)
		.caption("A liar on the panel is judged Divergent", text(18))
		.margin_left(8)
		.margin_right(18)
		.margin_bottom(8)
		.x_label_area_size(48)
		.y_label_area_size(74)
		.build_cartesian_2d(FROM as f64..TO as f64, 0.0..1.0)
		.map_err(failed)?;
	chart
		.configure_mesh()
		.light_line_style(TRANSPARENT)
		.bold_line_style(FAINT)
		.axis_style(INK)
		.label_style(text(13))
		.axis_desc_style(text(14))
		.x_desc("share of the stake that lies together")
		.y_desc("probability, if it lies on each panel")
		.x_labels(12)
		.x_label_formatter(&|share| format!("{share:.0} %"))
		.y_labels(6)
		.y_label_formatter(&|probability| format!("{:.0} %", probability * 100.0))
		.draw()
		.map_err(failed)?;
	for (colour, points) in lines(|drawn, threshold| divergence(drawn, threshold).liar) {
		chart.draw_series(LineSeries::new(points, colour.stroke_width(2))).map_err(failed)?;
	}
	Ok(())
}
