#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/names.h"
#include "store/glance.h"
#include "store/store.h"

// Jobs as the reading commands show them.
namespace wanspool::app {

// Calls `take` with every job that `names` mean, in the order of manifests; false from it stops.
void each_job(Reader& reader, Names& names, std::function<bool(JobRow const&)> const& take);

// MANIFEST/JOB
std::string name_of(JobRow const& row);

// The job in whose name its purchase was made, which is charged for it; "" where that is itself.
std::string bought_for(JobRow const& row);

// Whether its own folder has its pictures. Those of a purchase that several jobs share lie there only when it
// is done and they were delivered; until then in the folder of the job that it was made for.
bool has_its_pictures(JobRow const& row);
std::filesystem::path folder_of_pictures(JobRow const& row, Spool const& spool);
// Where a safe picture of the row's purchase, or of one of its refills, lies.
std::filesystem::path picture_path(JobRow const& row, Task const& task, Picture const& picture,
                                   Spool const& spool);
// It is done, and a picture of its purchase is not on the disk any more. Looks at each of them.
bool is_missing(JobRow const& row, Spool const& spool);
// "retired" of a job that is gone from its manifest, "paused" of one that waits for a person; else its state.
std::string_view shown_state(JobRow const& row);
// Where an older take's pictures lie: in the job's folder until the new ones are there.
std::filesystem::path folder_of_replaced(JobRow const& row, Spool const& spool);

// What else was bought in a job's name, beside its purchase.
struct Purchases {
  std::vector<Task> refills, replaced;  // of the purchase; older ones, oldest first, each with its refills

  bool operator==(Purchases const&) const = default;
};
Purchases purchases_of(Reader& reader, JobRow const& row);

// A job with all that was bought in its name, of one moment.
struct Holding {
  JobRow row;
  Purchases purchases;
};

// One object, schema 1, no line breaks. `bought`: in its name.
std::string job_json(JobRow const& row, LedgerRow const& bought, Spool const& spool,
                     std::string const& currency);

// All that is known of one job.
struct Whole {
  JobRow row;
  std::string request;  // the body as JSON
  Purchases purchases;
  std::vector<Task> candidates;        // that its lost create may have made
  std::vector<std::string> waits_for;  // jobs that it is made from and that are not over
  LedgerRow bought = {};               // in its name
};
Whole whole_of(Reader& reader, Glance& glance, JobRow row);
std::string whole_json(Whole const& whole, Spool const& spool, std::string const& currency);

// Throws Quit 4 that names what has found nothing, with a 'did you mean'.
void refuse_unmatched(Reader& reader, Names const& names);

}  // namespace wanspool::app
