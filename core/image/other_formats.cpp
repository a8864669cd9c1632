// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/other_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include "core/base/printable.h"
#include "core/io/foreign_file.h"

using namespace std::string_view_literals;

namespace llavakd {
namespace {

struct Magic {
  size_t at;
  std::string_view bytes;
  std::string_view what;
};

constexpr std::array image_formats{
    Magic{0, "\0\0\0\x0CjP  "sv, "a JPEG 2000 picture"},
    Magic{0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 picture"},
    Magic{0, "\xFF\x0A"sv, "a JPEG XL picture"},
    Magic{0, "\0\0\0\x0CJXL "sv, "a JPEG XL picture"},
    Magic{0, "8BPS"sv, "a Photoshop picture (PSD)"},
    Magic{0, "gimp xcf"sv, "a GIMP picture (XCF)"},
    Magic{0, "\0\0\1\0"sv, "an icon (ICO)"},
    Magic{0, "\0\0\2\0"sv, "a mouse pointer (CUR)"},
    Magic{0, "icns"sv, "an icon (ICNS)"},
    Magic{0, "\x76\x2F\x31\x01"sv, "an OpenEXR picture"},
    Magic{0, "#?RADIANCE"sv, "a Radiance picture (HDR)"},
    Magic{0, "qoif"sv, "a QOI picture"},
    Magic{0, "DDS "sv, "a DDS picture"},
    Magic{128, "DICM"sv, "a DICOM picture"},
    Magic{0, "SIMPLE  ="sv, "a FITS picture"},
    Magic{0, "II\xBC\1"sv, "a JPEG XR picture"},
    Magic{0, "%!PS"sv, "a PostScript picture"},
    Magic{0, "\xD7\xCD\xC6\x9A"sv, "a WMF picture"},
};

constexpr std::array others{
    Magic{0, "\x1A\x45\xDF\xA3"sv, "a video (Matroska or WebM)"},
    Magic{0, "FLV"sv, "a video (FLV)"},
    Magic{0, "\0\0\1\xBA"sv, "a video (MPEG)"},
    Magic{0, "\0\0\1\xB3"sv, "a video (MPEG)"},
    Magic{0, "\x30\x26\xB2\x75"sv, "a video (WMV)"},
    Magic{0, "OggS"sv, "a sound or video (Ogg)"},
    Magic{0, "ID3"sv, "a sound (MP3)"},
    Magic{0, "fLaC"sv, "a sound (FLAC)"},
    Magic{0,
          "\x7F"
          "ELF"sv,
          "a program"},
};

std::string_view find(const auto& magics, std::string_view text) {
  for (const Magic& magic : magics)
    if (text.size() >= magic.at && text.substr(magic.at).starts_with(magic.bytes)) return magic.what;
  return {};
}

/// A file of ISO's base format begins with a box of brands (ISO/IEC 14496-12, 4.3): the main one, a version, others.
struct Brand {
  std::string_view what;
  bool is_image = false;
};
std::optional<Brand> brand_of(std::string_view text) {
  if (text.size() < 16 || text.substr(4, 4) != "ftyp") return std::nullopt;
  const auto* size = reinterpret_cast<const uint8_t*>(text.data());
  const size_t box = std::min<size_t>((size_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]), 256);
  const std::string_view brands = text.substr(8, std::max<size_t>(box, 12) - 8);
  const auto has = [&](std::string_view brand) {
    for (size_t at = 0; at + 4 <= brands.size(); at += 4)
      if (at != 4 && brands.substr(at, brand.size()) == brand) return true;
    return false;
  };
  if (has("avif") || has("avis")) return Brand{"an AVIF picture", true};
  if (has("hei") || has("hev")) return Brand{"an HEIC picture, as phones take them", true};
  if (has("mif1") || has("msf1")) return Brand{"an HEIF picture", true};
  if (has("crx ")) return Brand{"a raw picture of a Canon camera (CR3)", true};
  if (has("qt  ")) return Brand{"a video (QuickTime)", false};
  return Brand{has("M4A") ? "a sound (M4A)" : "a video (MP4)", false};
}

std::string lower_start(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  std::string start(text.substr(0, 4096));
  std::ranges::transform(start, start.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return start;
}

/// An SVG element at the beginning, behind declarations and comments; a web page may hold one further down.
bool is_svg(std::string_view start) {
  const size_t svg = start.find("<svg"), html = start.find("<html"), doctype = start.find("<!doctype html");
  return start.starts_with('<') && svg != std::string_view::npos && svg < html && svg < doctype;
}

/// PBM, PGM, PPM, PAM, PFM: "P" and a sign, then white space.
bool is_netpbm(std::string_view text) {
  return text.size() > 2 && text[0] == 'P' && "1234567fF"sv.find(text[1]) != std::string_view::npos &&
         std::isspace(static_cast<unsigned char>(text[2])) != 0;
}

bool is_text(std::string_view text) {
  std::string_view start = text.substr(0, 512);
  // The cut may fall inside a character.
  for (int i = 0; i < 4 && start.size() < text.size() && !is_utf8(start); ++i) start.remove_suffix(1);
  const auto controls = [](char c) {
    return static_cast<unsigned char>(c) < ' ' && "\t\n\f\r"sv.find(c) == std::string_view::npos;
  };
  return !start.empty() && is_utf8(start) && std::ranges::none_of(start, controls);
}

std::string unread_format(std::string_view what) {
  return fmt::format("this is {}, a format that isn't read; convert it to JPEG or PNG.", what);
}

std::string not_an_image(std::string_view what) {
  return fmt::format("this is not a picture but {}; JPEG, PNG, WebP, BMP, GIF and TIFF can be read.", what);
}

}  // namespace

std::string unreadable_image_reason(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const auto what = find(image_formats, text); !what.empty()) return unread_format(what);
  if (const auto brand = brand_of(text))
    return brand->is_image ? unread_format(brand->what) : not_an_image(brand->what);
  if (is_netpbm(text)) return unread_format("a Netpbm picture (PBM, PGM, PPM …)");
  if (const auto what = find(others, text); !what.empty()) return not_an_image(what);
  const std::string_view kind = text.starts_with("RIFF") && text.size() >= 12 ? text.substr(8, 4) : "";
  if (kind == "AVI ") return not_an_image("a video (AVI)");
  if (kind == "WAVE") return not_an_image("a sound (WAV)");
  if (is_svg(lower_start(text))) return unread_format("an SVG drawing");
  if (const auto foreign = foreign_file(text.substr(0, 8192)))
    return fmt::format("this is not a picture but {}. {}", foreign->what, foreign->remedy);
  if (is_text(text)) return not_an_image("a text");
  return "this is not a picture; JPEG, PNG, WebP, BMP, GIF and TIFF can be read.";
}

}  // namespace llavakd
