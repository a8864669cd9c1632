// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llavakd {

/// A value on the pickle machine's stack. Containers hold indices of values, so that references are never expanded and
/// nothing recurses however deeply a file nests.
struct PickleValue {
  enum class Kind : uint8_t { none, boolean, integer, real, text, tuple, list, dict, global, storage, tensor };
  Kind kind = Kind::none;
  uint32_t items =
      0;  ///< tuple, list, dict (key, value, key, …), storage and tensor (their arguments): which item list.
  int64_t integer = 0;    ///< integer, boolean.
  std::string_view text;  ///< text; global: "module name".
};

/// Interprets the part of pickle (protocols 2 to 5, Python's pickletools.py) that torch.save uses for a state dict. The
/// only names it knows are collections.OrderedDict, torch._utils._rebuild_tensor_v2 and _rebuild_parameter and the
/// torch storage classes; calling them only notes the arguments. Everything else is refused when its name is read.
class PickleMachine {
 public:
  /// Runs the whole pickle. `where` names it in messages. Throws UserError.
  PickleMachine(std::span<const std::byte> pickle, std::string where);

  /// What the pickle leaves.
  const PickleValue& result() const { return values_[result_]; }
  const PickleValue& value(uint32_t index) const { return values_[index]; }
  const std::vector<uint32_t>& items(const PickleValue& container) const { return lists_[container.items]; }

 private:
  using Kind = PickleValue::Kind;

  [[noreturn]] void refuse(const std::string& reason) const;
  std::string_view take(uint64_t count);
  template <typename T>
  T take_number();
  std::string_view take_line();
  std::string_view take_text(uint64_t count);

  uint32_t make(PickleValue value);
  uint32_t make_container(Kind kind, std::vector<uint32_t> items);
  void push(uint32_t value);
  void push_value(PickleValue value) { push(make(value)); }
  uint32_t pop();
  uint32_t top() const;
  std::vector<uint32_t> pop_to_mark();
  std::vector<uint32_t> pop_many(size_t count);

  bool step();
  bool step_literal(unsigned char opcode);
  bool step_container(unsigned char opcode);
  bool step_memo(unsigned char opcode);
  void push_long(uint64_t size);
  void push_global(std::string_view module, std::string_view name);
  void extend(std::vector<uint32_t> items, Kind kind);
  void reduce();
  void build();
  void persistent_id();

  std::span<const std::byte> pickle_;
  std::string where_;
  size_t at_ = 0;
  std::vector<PickleValue> values_;
  std::vector<std::vector<uint32_t>> lists_;
  std::vector<uint32_t> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, uint32_t> memo_;
  std::deque<std::string> names_;  ///< Text of globals that had to be put together.
  uint32_t result_ = 0;
};

}  // namespace llavakd
