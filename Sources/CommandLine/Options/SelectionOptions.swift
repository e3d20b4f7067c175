import ArgumentParser
import Genera

/// Which samples are drawn.
struct SelectionOptions: ParsableArguments {
    /// The most samples of one run.
    static let limit = 1_000_000

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "How many samples: those with the indices from 0 on. (default: 16, or all where there are only so many)",
            valueName: "n"))
    var count: Int?

    @Option(
        help: ArgumentHelp("The samples with these indices, for example 5,17-20. Wins over --count.", valueName: "list")
    )
    var indices: String?

    @OptionGroup var source: SourceOptions

    @Option(
        help: ArgumentHelp("The part of the samples that this process draws: 0/4, 1/4, ... of four.", valueName: "i/n"))
    var shard: ShardChoice?

    func validate() throws {
        guard let count else { return }
        guard count >= 1 else { throw ValidationError("--count must be at least 1, got \(count).") }
        guard count <= Self.limit else {
            throw ValidationError(
                "--count is at most \(Self.limit.grouped), got \(count). Draw more in several runs, with --indices.")
        }
    }

    /// The indices of this process, for a sampler's kind of samples.
    ///
    /// - Throws: as `listed`; `GeneraError.usage` where none is left for this shard.
    func chosen<S: Sampler>(for sampler: S) throws -> [Int] {
        let standard = sampler.sampleCount.map { min($0, Self.limit) } ?? 16
        let own = SamplingRequest(
            indices: try listed() ?? Array(0..<standard), shard: shard.map { ($0.index, $0.count) } ?? (0, 1)
        ).ownIndices(sampler.lanes)
        guard !own.isEmpty else {
            throw GeneraError.usage(
                shard.map { "No samples are left for shard \($0.index)/\($0.count)." } ?? "There are no samples.")
        }
        return own
    }

    /// The indices that were asked for, all of those of this shard and the others; nil if none were.
    ///
    /// - Throws: `GeneraError.usage` for a list that cannot be read, is empty or too long.
    func listed() throws -> [Int]? {
        guard let indices else { return count.map { Array(0..<$0) } }
        let list = try IndexList.parse(indices)
        guard list.count <= Self.limit else {
            throw GeneraError.usage(
                "--indices names \(list.count.grouped) samples; at most \(Self.limit.grouped) are drawn in one run.")
        }
        if let bad = list.first(where: { $0 >= 1 << 32 }) {
            throw GeneraError.usage("The index of a sample lies in 0..<2^32, got \(bad).")
        }
        return list
    }
}

/// Part `index` of `count` parts.
struct ShardChoice: ExpressibleByArgument, Sendable {
    let index: Int
    let count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, (0..<count).contains(index)
        else { return nil }
        (self.index, self.count) = (index, count)
    }

    var defaultValueDescription: String { "\(index)/\(count)" }
}
