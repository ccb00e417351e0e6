#include "provider/addresses.h"
#include "provider/provider.h"
#include "provider/storage.h"
#include "provider/words.h"

namespace wanspool::provider {
namespace {

using Kind = Trouble::Kind;

Trouble trouble(Kind kind, std::string code, std::string message, milliseconds wait = {}) {
  return {kind, std::move(code), std::move(message), wait};
}

// Ours is what the network did not do: an address that was refused before anything left is paid for all the
// same, and its name may lead elsewhere tomorrow; bytes that were no picture may be better next time.
Trouble of_failure(Reply const& reply) {
  auto const why = plain(reply.failure);
  if (!reply.local) return trouble(Kind::Lane, "Unreachable", why);
  if (!reply.left) return trouble(Kind::Lane, kAddressRefused, why);
  return trouble(Kind::Retry, "NotAPicture", why);
}

}  // namespace

// An address that no longer opens is asked for anew by a query, so all that might be that counts as expired;
// only a wrong signature is known to be something else.
news::PictureMissed read_missed(Reply const& reply, int number) {
  auto const picture = "picture " + std::to_string(number) + ": ";
  if (!reply.complete()) {
    auto why = of_failure(reply);
    why.message = picture + why.message;
    return {number, std::move(why), false};
  }
  int const status = reply.status;
  auto const words = picture + storage_words(reply);
  if (status < 300)
    return {number, trouble(Kind::Retry, "NotAPicture", words + ", not a whole picture"), false};
  if (status < 400)
    return {number, trouble(Kind::Retry, "Redirected", words + ", a redirect, which is never followed"),
            false};
  if (status >= 500 || status == 407 || status == 408 || status == 429)
    return {number, trouble(Kind::Lane, "StorageBusy", words, retry_after(reply)), false};
  auto const code = xml_text(reply.body, "Code");
  bool const expired = (status == 403 || status == 404 || status == 410) && code != "SignatureDoesNotMatch";
  return {number, trouble(Kind::Retry, code.empty() ? "HttpStatus" : code, words), expired};
}

}  // namespace wanspool::provider
