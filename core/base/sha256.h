// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace llavakd {

/// SHA-256 (FIPS 180-4, by OpenSSL) of bytes that arrive in pieces. Throws RunError if OpenSSL fails.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits; call once, at the end.
  std::string finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

std::string sha256(std::string_view bytes);

/// SHA-256 of a file; throws UserError if it can't be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace llavakd
