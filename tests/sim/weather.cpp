#include "sim/weather.h"

#include <algorithm>
#include <span>

namespace wanspool::sim {
namespace {

using Fault = test::World::Fault;
using What = test::World::What;

// The more often it is named, the more often it happens.
constexpr Fault kCreates[] = {
    Fault::LostAnswer,       Fault::LostAnswer,  Fault::LostAnswer,  Fault::LostRequest,
    Fault::LostRequest,      Fault::Unreachable, Fault::Unreachable, Fault::Throttled,
    Fault::Throttled,        Fault::Unavailable, Fault::BadGateway,  Fault::BadGateway,
    Fault::CutAnswer,        Fault::Garbled,     Fault::TimedOut,    Fault::ServedBadGateway,
    Fault::ServedBadGateway, Fault::RetryLater,  Fault::Refused,     Fault::BadKey};
constexpr Fault kQueries[] = {Fault::LostAnswer, Fault::LostRequest, Fault::Unreachable, Fault::Throttled,
                              Fault::BadGateway, Fault::CutAnswer,   Fault::Garbled,     Fault::TimedOut,
                              Fault::Unknown,    Fault::RetryLater};
constexpr Fault kPictures[] = {Fault::Cut,        Fault::Cut,         Fault::Cut,         Fault::Expired,
                               Fault::Expired,    Fault::NotAPicture, Fault::Unreachable, Fault::LostRequest,
                               Fault::BadGateway, Fault::TimedOut};
constexpr Fault kLists[] = {Fault::LostAnswer, Fault::LostRequest, Fault::Unreachable, Fault::Throttled,
                            Fault::BadGateway, Fault::CutAnswer,   Fault::Garbled,     Fault::TimedOut};
// Fewer than after which a picture is given up.
constexpr int kBadPictures = 7;

std::span<Fault const> faults_of(What what) {
  switch (what) {
    case What::Create:
      return kCreates;
    case What::Query:
      return kQueries;
    case What::Picture:
      return kPictures;
    case What::List:
    case What::Cancel:
      break;
  }
  return kLists;
}

bool is_doubt(Fault fault) {
  static constexpr Fault kDoubts[] = {Fault::LostAnswer, Fault::LostRequest, Fault::BadGateway,
                                      Fault::CutAnswer,  Fault::Garbled,     Fault::ServedBadGateway,
                                      Fault::TimedOut};
  return std::find(std::begin(kDoubts), std::end(kDoubts), fault) != std::end(kDoubts);
}

}  // namespace

Fault Weather::fault(What what, milliseconds since) {
  if (what == What::List && schedule_.lists_refused) return Fault::Denied;
  if (calm_) return Fault::None;
  auto fault = Fault::None;
  bool const out = std::any_of(schedule_.outages.begin(), schedule_.outages.end(),
                               [&](Outage const& each) { return each.begin <= since && since < each.end; });
  if (out)
    fault = dice_.happens(0.7) ? Fault::Unreachable : Fault::LostRequest;
  else if (dice_.happens(schedule_.troubles[static_cast<int>(what == What::Cancel ? What::Query : what)]))
    fault = dice_.one_of(faults_of(what));
  // Two that lie far apart would rightly be believed.
  if (fault == Fault::Unknown && ++unknowns_ > 1) return Fault::None;
  if ((fault == Fault::Expired || fault == Fault::NotAPicture) && ++bad_pictures_ > kBadPictures)
    return Fault::None;
  doubts_ += what == What::Create && is_doubt(fault);
  return fault;
}

}  // namespace wanspool::sim
