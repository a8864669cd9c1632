// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>
#include <functional>
#include <memory>
#include <vector>

#include "widgets/pages/inspect/map_export.h"
#include "widgets/pages/inspect/probe_reader.h"
#include "widgets/shared/chart_export.h"

class QCheckBox;
class QGridLayout;
class QLayout;
class QSlider;
class QVBoxLayout;

namespace llavakd {

class ColourBar;
class DisagreementList;
class PairNumbers;
class PatchView;
class RelationMap;

/// One look at a probe: teacher map, student map and signed difference with their colour bars, the picture under both
/// models with one patch's relations, and the numbers of the pair of patches under the pointer. One patch is chosen,
/// the same everywhere.
class RelationPanel : public QWidget {
  Q_OBJECT

 public:
  explicit RelationPanel(QWidget* parent = nullptr);
  void setLook(std::shared_ptr<const ProbeLook> look);
  /// Nothing to show, and why.
  void setNothing(const QString& why);
  void setPicture(const QImage& picture, bool padded, const QString& why = {});
  /// Where the page puts what belongs under the maps.
  void setFoot(QWidget* foot);
  /// Where what is shown comes from, for exported files.
  void setOrigin(const ChartOrigin& origin) { m_origin = origin; }
  /// The maps of these relations, and the picture under both models; while a look is shown.
  ExportSubject mapsToExport(const std::vector<Relation>& relations) const;
  ExportSubject picturesToExport() const;
  /// The numbers behind maps and pictures, for the chosen patch.
  void showTable();
  bool hasLook() const { return m_look != nullptr; }
  int chosenToken() const { return m_token; }
  void chooseToken(int token);
  /// Shows a pair of tokens: the first is chosen, the other as if it were pointed at.
  void choosePair(int first, int second);

  RelationMap* teacherMap() const { return m_maps[0]; }
  RelationMap* studentMap() const { return m_maps[1]; }
  RelationMap* differenceMap() const { return m_maps[2]; }
  PatchView* teacherPicture() const { return m_pictures[0]; }
  PatchView* studentPicture() const { return m_pictures[1]; }
  DisagreementList* disagreements() const { return m_disagreements; }
  QString numbersText() const;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QWidget* makeMaps();
  QWidget* makePictures();
  QLayout* makePictureControls();
  void addExportActions(QWidget* view, const std::function<ExportSubject()>& subject);
  void moveChosen(int rows, int columns);
  /// `row` -1: the chosen token's.
  void hover(int row, int column);
  QPoint shownPair() const;
  void showHovered();
  void showChosen();
  void showNumbers();

  std::shared_ptr<const ProbeLook> m_look;
  ChartOrigin m_origin;
  int m_token = -1, m_hoveredRow = -1, m_hoveredColumn = -1;
  QVBoxLayout* m_centre = nullptr;
  QGridLayout* m_mapGrid = nullptr;
  RelationMap* m_maps[3];
  ColourBar *m_bar, *m_differenceBar;
  PatchView* m_pictures[2];
  QSlider* m_opacity;
  QCheckBox* m_grid;
  PairNumbers* m_numbers;
  DisagreementList* m_disagreements;
};

}  // namespace llavakd
