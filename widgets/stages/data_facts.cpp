// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/stages/data_facts.h"

#include <QCoreApplication>
#include <fstream>
#include <nlohmann/json.hpp>

#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("DataFacts", text);
}

// Counts the objects of the outer list and looks at their "image"; everything deeper passes by.
class Counter : public nlohmann::json::json_sax_t {
 public:
  explicit Counter(DataFacts& facts) : m_facts(facts) {}

  bool start_array(std::size_t) override { return open(true); }
  bool start_object(std::size_t) override { return open(false); }
  bool end_array() override { return close(); }
  bool end_object() override { return close(); }
  bool key(string_t& name) override {
    m_atImage = m_depth == 2 && name == "image";
    return true;
  }
  bool string(string_t& text) override {
    if (m_atImage && m_depth == 2) sawImage(text);
    return scalar();
  }
  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool number_integer(number_integer_t) override { return scalar(); }
  bool number_unsigned(number_unsigned_t) override { return scalar(); }
  bool number_float(number_float_t, const string_t&) override { return scalar(); }
  bool binary(binary_t&) override { return scalar(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    m_facts.error = tr("The data file is not valid JSON at byte %1.").arg(qulonglong(position));
    return false;
  }

 private:
  bool open(bool array) {
    if (m_depth == 0 && !array) {
      m_facts.error = tr("The data file must be a JSON list of samples.");
      return false;
    }
    if (m_depth == 1 && !array) ++m_facts.samples;
    return ++m_depth <= 100;
  }
  bool close() {
    --m_depth;
    return true;
  }
  bool scalar() {
    m_atImage = false;
    return m_depth > 0 || (m_facts.error = tr("The data file must be a JSON list of samples."), false);
  }
  void sawImage(const std::string& name) {
    ++m_facts.withImage;
    if (m_facts.firstImage.isEmpty()) m_facts.firstImage = toQString(name);
  }

  DataFacts& m_facts;
  int m_depth = 0;
  bool m_atImage = false;
};

}  // namespace

DataFacts readDataFacts(const QString& file) {
  DataFacts facts;
  std::ifstream stream(toPath(file), std::ios::binary);
  if (!stream) {
    facts.error = tr("The data file is not there.");
    return facts;
  }
  Counter counter(facts);
  try {
    if (!nlohmann::json::sax_parse(stream, &counter) && facts.error.isEmpty())
      facts.error = tr("The data file is not a list of samples.");
  } catch (const std::exception&) {
    facts.error = tr("The data file could not be read.");
  }
  return facts;
}

}  // namespace llavakd
