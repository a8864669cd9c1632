// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle_machine.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/dtype.h"

namespace llavakd {

namespace {

// A state dict needs about 40 values a tensor; these bounds keep a hostile file below 200 MB.
constexpr size_t kMaxValues = 1'000'000;
constexpr size_t kMaxPickle = size_t{64} << 20;

bool is_storage_class(const PickleValue& value) {
  constexpr std::string_view module = "torch.";
  return value.kind == PickleValue::Kind::global && value.text.starts_with(module) &&
         dtype_of_storage(value.text.substr(module.size()));
}

}  // namespace

PickleMachine::PickleMachine(std::span<const std::byte> pickle, std::string where)
    : pickle_(pickle), where_(std::move(where)) {
  if (pickle.size() > kMaxPickle) refuse(fmt::format("it is larger than {} MiB", kMaxPickle >> 20));
  while (step()) {
  }
}

void PickleMachine::refuse(const std::string& reason) const {
  throw UserError(fmt::format("{}: refused at byte {}: {}.", where_, at_, reason));
}

std::string_view PickleMachine::take(uint64_t count) {
  if (count > pickle_.size() - at_) {
    refuse(fmt::format("the pickle ends early ({} more bytes wanted, {} there)", count, pickle_.size() - at_));
  }
  const std::string_view taken(reinterpret_cast<const char*>(pickle_.data()) + at_, count);
  at_ += count;
  return taken;
}

template <typename T>
T PickleMachine::take_number() {
  T value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::string_view PickleMachine::take_line() {
  const std::string_view rest(reinterpret_cast<const char*>(pickle_.data()) + at_, pickle_.size() - at_);
  const size_t end = rest.substr(0, 300).find('\n');
  if (end == std::string_view::npos) refuse("a name without an end");
  at_ += end + 1;
  return rest.substr(0, end);
}

std::string_view PickleMachine::take_text(uint64_t count) {
  const std::string_view text = take(count);
  if (!is_utf8(text)) refuse("text that isn't UTF-8");
  return text;
}

uint32_t PickleMachine::make(PickleValue value) {
  if (values_.size() >= kMaxValues) refuse("it holds too many values for a state dict");
  values_.push_back(value);
  return static_cast<uint32_t>(values_.size() - 1);
}

uint32_t PickleMachine::make_container(Kind kind, std::vector<uint32_t> items) {
  lists_.push_back(std::move(items));
  return make({kind, static_cast<uint32_t>(lists_.size() - 1), 0, {}});
}

void PickleMachine::push(uint32_t value) {
  if (stack_.size() >= kMaxValues) refuse("its stack grows too large for a state dict");
  stack_.push_back(value);
}

uint32_t PickleMachine::top() const {
  const size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) refuse("an opcode finds nothing on the stack");
  return stack_.back();
}

uint32_t PickleMachine::pop() {
  const uint32_t value = top();
  stack_.pop_back();
  return value;
}

std::vector<uint32_t> PickleMachine::pop_many(size_t count) {
  std::vector<uint32_t> items(count);
  for (size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

std::vector<uint32_t> PickleMachine::pop_to_mark() {
  if (marks_.empty()) refuse("an opcode finds no mark on the stack");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<uint32_t> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

/// One opcode; false after STOP.
bool PickleMachine::step() {
  const auto opcode = static_cast<unsigned char>(take(1)[0]);
  switch (opcode) {
    case 0x80:  // PROTO
      if (take_number<uint8_t>() > 5) refuse("an unknown pickle protocol");
      return true;
    case 0x95:  // FRAME: only a hint for streams
      take_number<uint64_t>();
      return true;
    case 'c': {  // GLOBAL
      const std::string_view module = take_line();
      push_global(module, take_line());
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const PickleValue name = values_[pop()], module = values_[pop()];
      if (name.kind != Kind::text || module.kind != Kind::text) refuse("a name that isn't text");
      push_global(module.text, name.text);
      return true;
    }
    case 'R':
      reduce();
      return true;
    case 'b':
      build();
      return true;
    case 'Q':
      persistent_id();
      return true;
    case '.':
      result_ = pop();
      return false;
    default:
      break;
  }
  if (!step_literal(opcode) && !step_container(opcode) && !step_memo(opcode)) {
    refuse(fmt::format("the pickle opcode 0x{:02x} does not occur in a state dict", opcode));
  }
  return true;
}

bool PickleMachine::step_literal(unsigned char opcode) {
  switch (opcode) {
    case 'N':
      push_value({});
      return true;
    case 0x88:
      push_value({Kind::boolean, 0, 1, {}});
      return true;
    case 0x89:
      push_value({Kind::boolean, 0, 0, {}});
      return true;
    case 'K':
      push_value({Kind::integer, 0, take_number<uint8_t>(), {}});
      return true;
    case 'M':
      push_value({Kind::integer, 0, take_number<uint16_t>(), {}});
      return true;
    case 'J':
      push_value({Kind::integer, 0, take_number<int32_t>(), {}});
      return true;
    case 0x8a:
      push_long(take_number<uint8_t>());
      return true;
    case 0x8b:
      push_long(take_number<uint32_t>());
      return true;
    case 'G':
      take(8), push_value({Kind::real, 0, 0, {}});
      return true;
    case 'X':
      push_value({Kind::text, 0, 0, take_text(take_number<uint32_t>())});
      return true;
    case 0x8c:
      push_value({Kind::text, 0, 0, take_text(take_number<uint8_t>())});
      return true;
    case 0x8d:
      push_value({Kind::text, 0, 0, take_text(take_number<uint64_t>())});
      return true;
    case 'U':
      push_value({Kind::text, 0, 0, take_text(take_number<uint8_t>())});
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_container(unsigned char opcode) {
  switch (opcode) {
    case '(':
      if (marks_.size() >= kMaxValues) refuse("it holds too many marks for a state dict");
      marks_.push_back(stack_.size());
      return true;
    case ')':
      push(make_container(Kind::tuple, {}));
      return true;
    case 't':
      push(make_container(Kind::tuple, pop_to_mark()));
      return true;
    case 0x85:
      push(make_container(Kind::tuple, pop_many(1)));
      return true;
    case 0x86:
      push(make_container(Kind::tuple, pop_many(2)));
      return true;
    case 0x87:
      push(make_container(Kind::tuple, pop_many(3)));
      return true;
    case ']':
      push(make_container(Kind::list, {}));
      return true;
    case 'l':
      push(make_container(Kind::list, pop_to_mark()));
      return true;
    case '}':
      push(make_container(Kind::dict, {}));
      return true;
    case 'a':
      extend(pop_many(1), Kind::list);
      return true;
    case 'e':
      extend(pop_to_mark(), Kind::list);
      return true;
    case 's':
      extend(pop_many(2), Kind::dict);
      return true;
    case 'u':
      extend(pop_to_mark(), Kind::dict);
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_memo(unsigned char opcode) {
  const auto get = [this](uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) refuse("a reference to a value that wasn't stored");
    push(found->second);
    return true;
  };
  const auto put = [this](uint32_t key) {
    memo_[key] = top();
    if (memo_.size() >= kMaxValues) refuse("it stores too many references for a state dict");
    return true;
  };
  switch (opcode) {
    case 'h':
      return get(take_number<uint8_t>());
    case 'j':
      return get(take_number<uint32_t>());
    case 'q':
      return put(take_number<uint8_t>());
    case 'r':
      return put(take_number<uint32_t>());
    case 0x94:
      return put(static_cast<uint32_t>(memo_.size()));
    default:
      return false;
  }
}

void PickleMachine::push_long(uint64_t size) {
  const std::string_view bytes = take(size);
  if (size > 8) refuse("an integer of more than 64 bits");
  uint64_t value = size > 0 && (bytes.back() & 0x80) != 0 ? ~uint64_t{0} : 0;
  std::memcpy(&value, bytes.data(), size);
  push_value({Kind::integer, 0, static_cast<int64_t>(value), {}});
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  const bool known = (module == "collections" && name == "OrderedDict") ||
                     (module == "torch._utils" && (name == "_rebuild_tensor_v2" || name == "_rebuild_parameter" ||
                                                   name == "_rebuild_parameter_with_state")) ||
                     (module == "torch" && dtype_of_storage(name));
  if (!known) {
    const bool storage = module == "torch" && name.ends_with("Storage");
    refuse(storage ? fmt::format("the storage type torch.{} is unknown", printable(name))
                   : fmt::format("the pickle asks for {}.{}, which has no place in weights and might run code; nothing "
                                 "was executed. Use a safetensors file from a source that you trust",
                                 printable(module), printable(name)));
  }
  names_.push_back(fmt::format("{}.{}", module, name));
  push_value({Kind::global, 0, 0, names_.back()});
}

/// Appends to the list, or the pairs to the dict, that is now on top of the stack.
void PickleMachine::extend(std::vector<uint32_t> items, Kind kind) {
  const PickleValue& target = values_[top()];
  if (target.kind != kind)
    refuse(fmt::format("items for something that isn't a {}", kind == Kind::list ? "list" : "dict"));
  if (kind == Kind::dict && items.size() % 2 != 0) refuse("a key without a value");
  auto& list = lists_[target.items];
  list.insert(list.end(), items.begin(), items.end());
}

void PickleMachine::reduce() {
  const PickleValue arguments = values_[pop()], callee = values_[pop()];
  if (callee.kind != Kind::global || arguments.kind != Kind::tuple) refuse("a call of something that can't be called");
  const std::vector<uint32_t> items = lists_[arguments.items];
  if (callee.text == "collections.OrderedDict") {
    if (!items.empty()) refuse("an OrderedDict with arguments");
    push(make_container(Kind::dict, {}));
  } else if (callee.text == "torch._utils._rebuild_tensor_v2") {
    if (items.size() < 6 || items.size() > 7) refuse("_rebuild_tensor_v2 with a wrong number of arguments");
    push(make_container(Kind::tensor, items));
  } else if (callee.text == "torch._utils._rebuild_parameter") {
    if (items.size() != 3 || values_[items[0]].kind != Kind::tensor) refuse("_rebuild_parameter of something else");
    push(items[0]);
  } else if (callee.text == "torch._utils._rebuild_parameter_with_state") {
    // The fourth argument holds attributes that a program hung on the parameter; they are no weights.
    if (items.size() != 4 || values_[items[0]].kind != Kind::tensor)
      refuse("_rebuild_parameter_with_state of something else");
    push(items[0]);
  } else {
    refuse(fmt::format("a call of {}", callee.text));
  }
}

/// BUILD sets attributes. The only object that has some here is a state dict, whose `_metadata` we don't need.
void PickleMachine::build() {
  pop();
  if (values_[top()].kind != Kind::dict) refuse("attributes for something that isn't a state dict");
}

/// ("storage", class, key, device, number of elements)
void PickleMachine::persistent_id() {
  const PickleValue id = values_[pop()];
  if (id.kind != Kind::tuple) refuse("a persistent id that isn't a tuple");
  const std::vector<uint32_t> items = lists_[id.items];
  const bool valid = items.size() == 5 && values_[items[0]].text == "storage" && is_storage_class(values_[items[1]]) &&
                     values_[items[2]].kind == Kind::text && values_[items[4]].kind == Kind::integer;
  if (!valid) refuse("a persistent id that isn't a storage");
  push(make_container(Kind::storage, items));
}

}  // namespace llavakd
