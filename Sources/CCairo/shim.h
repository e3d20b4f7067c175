#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H

/* Function-like macros, which Swift cannot import. */
static inline int ccairo_has_color(FT_Face face) { return FT_HAS_COLOR(face) != 0; }
static inline int ccairo_load_color_metrics(FT_Face face, FT_UInt glyph) {
    return FT_Load_Glyph(face, glyph, FT_LOAD_COLOR | FT_LOAD_BITMAP_METRICS_ONLY);
}
static inline int ccairo_load_color(FT_Face face, FT_UInt glyph) {
    return FT_Load_Glyph(face, glyph, FT_LOAD_COLOR);
}
static inline int ccairo_render_plain(FT_Face face, FT_UInt glyph) {
    return FT_Load_Glyph(face, glyph, FT_LOAD_RENDER | FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP);
}
