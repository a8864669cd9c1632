// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "index_page.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <utility>

#include "choice.h"
#include "contact_sheet.h"
#include "core/base/errors.h"
#include "views.h"

namespace llavakd {
namespace {

// A picture's file name has its view, state, size, scale, theme and, unless it is the usual one, locale.
constexpr const char* page = R"html(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>LLaVA-KD Studio: gallery</title>
<style>
  body { font: 14px sans-serif; margin: 0; background: #888; }
  form { position: sticky; top: 0; padding: 8px 16px; background: #eee; border-bottom: 1px solid #999; }
  label { margin-right: 16px; }
  main { display: flex; flex-wrap: wrap; gap: 16px; padding: 16px; }
  figure { margin: 0; }
  figcaption { padding-bottom: 4px; }
  img { display: block; max-width: 100%; }
  main.small img { width: 460px; }
</style>
<form></form>
<main></main>
<script>
const pictures = PICTURES;
const names = ["view", "state", "size", "scale", "theme", "locale"];
const form = document.querySelector("form"), main = document.querySelector("main");
const parts = name => { const all = name.slice(0, -4).split("_"); return all.length > 5 ? all : [...all, "en-US"]; };
names.forEach((name, i) => {
  const label = form.appendChild(document.createElement("label"));
  const choice = document.createElement("select");
  label.append(name + " ", choice);
  choice.add(new Option("all", ""));
  for (const value of new Set(pictures.map(picture => parts(picture)[i]))) choice.add(new Option(value, value));
  choice.id = name;
});
const whole = document.createElement("input");
whole.type = "checkbox";
form.appendChild(document.createElement("label")).append(whole, " in full size");
function show() {
  const wanted = names.map(name => document.getElementById(name).value);
  const chosen = pictures.filter(picture => parts(picture).every((part, i) => !wanted[i] || wanted[i] === part));
  main.className = whole.checked ? "" : "small";
  main.replaceChildren(...chosen.map(picture => {
    const figure = document.createElement("figure"), link = document.createElement("a");
    const image = document.createElement("img"), caption = document.createElement("figcaption");
    link.href = image.src = picture;
    image.loading = "lazy";
    image.alt = caption.textContent = parts(picture).join(" · ");
    link.append(image);
    figure.append(caption, link);
    return figure;
  }));
}
form.addEventListener("input", show);
show();
</script>
</html>
)html";

// Sheets first, then in the order of the views, then of the states; the rest by name.
QStringList picturesIn(const QString& folder) {
  const QStringList files = QDir(folder).entryList({QStringLiteral("*_*_*_*_*.png")}, QDir::Files, QDir::Name);
  QStringList sorted, views{sheetView()};
  for (const GalleryView& view : galleryViews()) views << view.id;
  for (const QString& view : std::as_const(views))
    for (const QString& state : galleryStates())
      for (const QString& file : files)
        if (file.startsWith(view + QLatin1Char('_') + state + QLatin1Char('_'))) sorted << file;
  return sorted;
}

}  // namespace

void writeIndexPage(const QString& folder) {
  QString text = QString::fromUtf8(page);
  const QByteArray list = QJsonDocument(QJsonArray::fromStringList(picturesIn(folder))).toJson(QJsonDocument::Compact);
  text.replace(QStringLiteral("PICTURES"), QString::fromUtf8(list));
  QFile file(folder + QStringLiteral("/index.html"));
  if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
    throw RunError(file.fileName().toStdString() + " can't be written.");
}

}  // namespace llavakd
