import ArgumentParser
import Foundation
import Pipedrive
import Planning

/// Slices the same pages again and again, validated as in a run, and prints gigabytes a second of one core.
struct SliceBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "slice")

    @Option(help: "How often all pages are sliced.") var rounds = 20
    @Argument(help: "Files, each with the body of one page of deals.") var pages: [String]

    func run() throws {
        guard let deals = Catalogue.stream(named: "deals") else { throw ValidationError("no stream deals") }
        let bodies = try pages.map { try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0))) }
        var records = 0
        let started = processorSeconds()
        for _ in 0..<rounds {
            for body in bodies { records += try PageSlicer.page(body, of: deals).records.count }
        }
        let seconds = processorSeconds() - started
        let bytes = bodies.reduce(0) { $0 + $1.count } * rounds
        print("{\"bytes\":\(bytes),\"records\":\(records),\"seconds\":\(seconds)}")
    }
}

/// Of the whole process, so that other work on the machine does not count.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func wallSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
