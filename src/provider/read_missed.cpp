#include "provider/provider.h"
#include "provider/words.h"

namespace wanspool::provider {
namespace {

using Kind = Trouble::Kind;

// The storage answers in XML (contract §6).
std::string xml_text(std::string_view body, std::string const& tag) {
  auto const opening = "<" + tag + ">";
  auto const begin = body.find(opening);
  if (begin == body.npos) return {};
  auto const from = begin + opening.size();
  auto const end = body.find("</" + tag + ">", from);
  return end == body.npos ? std::string{} : plain(body.substr(from, end - from));
}

Trouble trouble(Kind kind, std::string code, std::string message, milliseconds wait = {}) {
  return {kind, std::move(code), std::move(message), wait};
}

// Ours is what the network did not do: an address that was refused before anything left stays refused, bytes
// that were no picture may be better next time.
Trouble of_failure(Reply const& reply) {
  auto const why = plain(reply.failure);
  if (!reply.local) return trouble(Kind::Lane, "Unreachable", why);
  if (!reply.left) return trouble(Kind::Fatal, "AddressRefused", why);
  return trouble(Kind::Retry, "NotAPicture", why);
}

std::string words_of(Reply const& reply) {
  auto words = "the storage answered HTTP " + std::to_string(reply.status);
  auto const code = xml_text(reply.body, "Code"), message = xml_text(reply.body, "Message");
  if (!code.empty()) return words + ", " + code + ": " + message;
  if (reply.status < 300 || reply.body.empty()) return words;
  return words + ": " + beginning(reply.body);
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
  auto const words = picture + words_of(reply);
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
