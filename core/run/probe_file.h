// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace llavakd {

/// Relations between the visual tokens of one model, each value divided by the root mean square of the whole matrix
/// (its Frobenius norm over n). Cosines, and so RDist, don't change by that, and teacher and student share a scale.
struct RelationMatrix {
  int n = 0;
  std::vector<float> values;  ///< [n, n], row-major; empty when the file has none.
  bool isEmpty() const { return values.empty(); }
  float at(int row, int column) const { return values[std::size_t(row) * std::size_t(n) + std::size_t(column)]; }
};

/// What the Inspect page draws of one probe at one step (file format: `llavakd inspect`).
struct ProbeFile {
  RelationMatrix teacher, student;
  RelationMatrix difference;       ///< student − teacher; empty without a teacher.
  std::optional<double> distance;  ///< 1 − cosine of the two matrices.
  std::string image, question;     ///< As in the project file.
  int rows = 0, columns = 0;       ///< Patches of the tower; 0 where tokens have no place in the picture.
  int firstPatch = 0;              ///< Raster index of the first visual token's patch; -1 before a class token.
  int tokensPerPatch = 1;
  int tokens() const { return student.n; }

  /// The (first) visual token of a patch, or -1 for a patch without one.
  int tokenOfPatch(int row, int column) const;
  /// Raster index of a token's patch, or -1: a class token, or a learned query.
  int patchOfToken(int token) const { return rows > 0 ? token / tokensPerPatch + firstPatch : -1; }
  /// A token's values, one for each patch that has tokens (and the class token before them): the mean of a patch's
  /// tokens.
  std::vector<float> overPatches(const std::vector<float>& ofTokens) const;
};

/// Reads a probe file. Throws UserError, naming the file, when it is no safetensors file, holds no square float32
/// matrices of the same size, more than 4096 tokens, or a grid that doesn't hold the tokens.
ProbeFile read_probe_file(const std::filesystem::path& file);

/// Ends of the colours that all maps of a probe share over the whole run.
struct RelationScale {
  double low = 0, high = 1;  ///< Of teacher and student.
  double difference = 1;     ///< The difference runs from minus this to this.
};

/// Widens the scale so that it holds all but the outermost half percent of the probe's values. `first`: starts over.
void include(RelationScale& scale, const ProbeFile& probe, bool first);

}  // namespace llavakd
