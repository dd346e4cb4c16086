"""The page's colours and type: ink on paper, one accent; dark follows the system."""

import gradio as gr

# The reader's own fonts, so that none is ever fetched.
_FONTS = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
]
_MONOSPACE_FONTS = ["ui-monospace", "Consolas", "monospace"]


def theme() -> gr.themes.Base:
    """The theme; text keeps a contrast of at least 4.5 to 1 (WCAG 2.2, criterion 1.4.3)."""
    base = gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", radius_size="sm", font=_FONTS, font_mono=_MONOSPACE_FONTS
    )
    return base.set(
        body_background_fill="#faf9f6",
        body_background_fill_dark="#151719",
        body_text_color="#23211e",
        body_text_color_dark="#e9e6e1",
        body_text_color_subdued="#67615a",
        body_text_color_subdued_dark="#aaa49c",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1d2023",
        background_fill_secondary="#f2efe9",
        background_fill_secondary_dark="#24282c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1d2023",
        border_color_primary="#ddd8cf",
        border_color_primary_dark="#373c41",
        block_label_text_color="#67615a",
        block_label_text_color_dark="#aaa49c",
        block_info_text_color="#67615a",
        block_info_text_color_dark="#aaa49c",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1d2023",
        input_border_color="#b9b2a7",
        input_border_color_dark="#565c63",
        input_border_width="1px",
        input_border_color_focus="#0f766e",
        input_border_color_focus_dark="#5eead4",
        input_placeholder_color="#77716a",
        input_placeholder_color_dark="#938d85",
        link_text_color="#0f615a",
        link_text_color_dark="#6fd6c7",
        link_text_color_hover="#0a413d",
        link_text_color_hover_dark="#a5ece2",
        link_text_color_visited="#0f615a",
        link_text_color_visited_dark="#6fd6c7",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_dark="#0f766e",
        button_primary_background_fill_hover="#0b5b55",
        button_primary_background_fill_hover_dark="#128a80",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        checkbox_background_color_selected="#0f766e",
        checkbox_background_color_selected_dark="#0f766e",
        checkbox_border_color="#8f887d",
        checkbox_border_color_dark="#6b7178",
        checkbox_border_color_selected="#0f766e",
        checkbox_border_color_selected_dark="#5eead4",
        checkbox_label_background_fill="transparent",
        checkbox_label_background_fill_dark="transparent",
        checkbox_label_background_fill_hover="transparent",
        checkbox_label_background_fill_hover_dark="transparent",
        checkbox_label_background_fill_selected="transparent",
        checkbox_label_background_fill_selected_dark="transparent",
        checkbox_label_padding="4px 0",
    )
