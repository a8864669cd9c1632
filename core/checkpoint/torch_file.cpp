// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/torch_file.h"

#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"

namespace llavakd {

namespace {

/// The few opcodes that a state dict needs: names and numbers of Python's pickletools, protocol 2.
class Pickle {
 public:
  Pickle() : bytes_("\x80\x02") {}

  void put(std::string_view opcodes) { bytes_ += opcodes; }
  void global(std::string_view module, std::string_view name) { bytes_ += fmt::format("c{}\n{}\n", module, name); }
  void text(std::string_view value) {
    bytes_ += 'X';  // BINUNICODE
    little_endian(value.size(), 4);
    bytes_ += value;
  }
  void number(int64_t value) {
    bytes_ += "\x8a\x08";  // LONG1 of eight bytes
    little_endian(static_cast<uint64_t>(value), 8);
  }
  void numbers(at::IntArrayRef values) {
    bytes_ += '(';
    for (const int64_t value : values) number(value);
    bytes_ += 't';
  }
  const std::string& finish() { return bytes_ += '.'; }

 private:
  void little_endian(uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> 8 * i & 0xff);
  }
  std::string bytes_;
};

const char* storage_class(at::ScalarType type) {
  if (type == at::kFloat) return "FloatStorage";
  if (type == at::kHalf) return "HalfStorage";
  if (type == at::kBFloat16) return "BFloat16Storage";
  throw RunError(fmt::format("Weights of the type {} can't be written as pytorch_model.bin.", c10::toString(type)));
}

/// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks), as in
/// torch/_utils.py.
void add_tensor(Pickle& pickle, const at::Tensor& tensor, at::ScalarType precision, size_t key) {
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.put("((");  // the arguments, and in them the storage's persistent id
  pickle.text("storage");
  pickle.global("torch", storage_class(precision));
  pickle.text(std::to_string(key));
  pickle.text("cpu");
  pickle.number(tensor.numel());
  pickle.put("tQ");  // BINPERSID
  pickle.number(0);
  pickle.numbers(tensor.sizes());
  std::vector<int64_t> strides(static_cast<size_t>(tensor.dim()), 1);
  for (size_t i = strides.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<int64_t>(1, tensor.size(static_cast<int64_t>(i)));
  pickle.numbers(strides);
  pickle.put("\x89");  // False
  pickle.global("collections", "OrderedDict");
  pickle.put(")RtR");
}

std::string pickle_of(const TensorMap& tensors, at::ScalarType precision) {
  Pickle pickle;
  pickle.global("collections", "OrderedDict");
  pickle.put(")R(");
  size_t key = 0;
  for (const auto& [name, tensor] : tensors) {
    pickle.text(name);
    add_tensor(pickle, tensor, precision, key++);
  }
  pickle.put("u");  // SETITEMS
  return pickle.finish();
}

}  // namespace

void write_torch_file(const std::filesystem::path& path, const TensorMap& tensors, at::ScalarType precision) {
  AtomicFile file(path);
  // The writer ends its archive when it is destroyed, where nothing may be thrown: a full disk is told afterwards.
  std::exception_ptr failure;
  {
    caffe2::serialize::PyTorchStreamWriter archive([&](const void* data, size_t size) {
      try {
        if (!failure) file.write(std::span(static_cast<const std::byte*>(data), size));
      } catch (...) {
        failure = std::current_exception();
      }
      return size;
    });
    const std::string pickle = pickle_of(tensors, precision);
    archive.writeRecord("data.pkl", pickle.data(), pickle.size());
    archive.writeRecord("byteorder", "little", 6);
    size_t key = 0;
    for (const auto& [name, tensor] : tensors) {
      if (failure) break;
      const at::Tensor rounded = tensor.detach().to(at::kCPU, precision).contiguous();
      archive.writeRecord(fmt::format("data/{}", key++), rounded.const_data_ptr(), rounded.nbytes());
    }
    archive.writeEndOfFile();
  }
  if (failure) std::rethrow_exception(failure);
  file.commit();
}

}  // namespace llavakd
