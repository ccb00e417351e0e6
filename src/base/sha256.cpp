#include "base/sha256.h"

#include <openssl/evp.h>

#include <new>

namespace wanspool {

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
};

void Sha256::Free::operator()(Context* context) const noexcept {
  EVP_MD_CTX_free(context->evp);
  delete context;
}

Sha256::Sha256() : context_{new Context} {
  if (!context_->evp || EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) != 1) throw std::bad_alloc{};
}

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  unsigned char digest[32];
  EVP_DigestFinal_ex(context_->evp, digest, nullptr);
  std::string text;
  for (auto const byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.hex();
}

}  // namespace wanspool
