#pragma once

#include <map>
#include <string>

#include "emulator/faults.h"
#include "emulator/gate.h"
#include "emulator/ledger.h"
#include "emulator/options.h"
#include "emulator/results.h"
#include "emulator/server.h"
#include "emulator/tasks.h"
#include "emulator/uploads.h"

// The provider's addresses: which request is which call, and who may make it.
namespace wanspool::emulator {

// A clock of the provider's own: nobody promises that it agrees with ours.
class SkewedClock final : public Clock {
 public:
  SkewedClock(Clock const& right, milliseconds skew) : right_{right}, skew_{skew} {}
  Instant now() const override { return right_.now() + skew_; }

 private:
  Clock const& right_;
  milliseconds const skew_;
};

class Api final : public Handler {
 public:
  Api(Options const& options, Clock const& clock, std::uint64_t seed);

  Answer answer(Asked const& asked) override;
  Manner greet() override;
  void shoot() override;

  // "http://127.0.0.1:PORT", once the port is known.
  void set_host(std::string host) { host_ = std::move(host); }
  std::string ledger_text() { return ledger_table(ledger_, world_, faults_.met(), clock_.now()); }

 private:
  using Serve = Answer (Api::*)(Asked const&, Fault const&);
  struct Route {
    Call call;
    Serve serve;
  };

  std::optional<Route> route(Asked const& asked) const;
  Answer spoiled(Route const& route, Asked const& asked, Fault const& fault);
  Answer create(Asked const& asked, Fault const& fault);
  Answer at_once(Task& task);
  Answer query(Asked const& asked, Fault const& fault);
  Answer list(Asked const& asked, Fault const& fault);
  Answer cancel(Asked const& asked, Fault const& fault);
  Answer policy(Asked const& asked, Fault const& fault);
  Answer upload(Asked const& asked, Fault const& fault);
  Answer download(Asked const& asked, Fault const& fault);
  Answer web(Asked const& asked, Fault const& fault);
  Answer ledger(Asked const& asked);
  Answer elsewhere(Asked const& asked);

  // 401 or 429, or nothing to say against the call.
  std::optional<Answer> gatekeeper(Asked const& asked, Gate& gate, int limit, std::string const& name);
  Answer say(int status, std::string body, std::string const& request_id) const;
  Answer refuse(int status, std::string const& code, std::string const& message);
  Answer refused_create(Answer answer, std::string const& code);
  std::string key_id(Asked const& asked);
  // Now and then somebody else of the account is at work.
  void mingle(std::string model, Asked const& asked);

  Options const& options_;
  SkewedClock const clock_;
  World world_;
  Uploads uploads_;
  Results results_;
  Faults faults_;
  Ledger ledger_;
  Gate creates_;
  Gate queries_;
  Gate policies_;
  std::uint64_t occasions_ = 0;  // for a stranger
  std::string host_;
  std::map<std::string, std::string, std::less<>> key_ids_;
};

}  // namespace wanspool::emulator
