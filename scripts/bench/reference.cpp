// The reference for the slicer: simdjson reads the same pages, checks them (its stage 1 covers every byte, and the
// walk over each record's members covers the rest) and finds of each record the place, key, update time and deletion.
//   reference ROUNDS FILES…
#include <simdjson.h>

#include <ctime>
#include <iostream>
#include <vector>

static double processor_seconds() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    std::vector<simdjson::padded_string> bodies;
    for (int n = 2; n < count; n++) bodies.push_back(simdjson::padded_string::load(arguments[n]).value());
    int rounds = std::atoi(arguments[1]);
    size_t bytes = 0, records = 0, found = 0;
    simdjson::dom::parser parser;
    double started = processor_seconds();
    for (int round = 0; round < rounds; round++)
        for (auto &body : bodies) {
            bytes += body.size();
            simdjson::dom::object page = parser.parse(body);
            for (simdjson::dom::object record : simdjson::dom::array(page["data"])) {
                found += uint64_t(int64_t(record["id"])) + std::string_view(record["update_time"]).size();
                simdjson::dom::element deleted;
                if (!record["is_deleted"].get(deleted)) found += bool(deleted);
                records++;
            }
        }
    double seconds = processor_seconds() - started;
    std::cout << "{\"bytes\":" << bytes << ",\"records\":" << records << ",\"seconds\":" << seconds
              << ",\"found\":" << found << "}\n";
}
