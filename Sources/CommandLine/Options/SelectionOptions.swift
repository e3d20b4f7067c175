import ArgumentParser
import Genera

/// Which samples are drawn.
struct SelectionOptions: ParsableArguments {
    /// The most samples of one run.
    static let limit = 1_000_000

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many samples: those with the indices from 0 on.", valueName: "n"))
    var count = 16

    @Option(
        help: ArgumentHelp("The samples with these indices, for example 5,17-20. Wins over --count.", valueName: "list")
    )
    var indices: String?

    @OptionGroup var source: SourceOptions

    @Option(
        help: ArgumentHelp("The part of the samples that this process draws: 0/4, 1/4, ... of four.", valueName: "i/n"))
    var shard: ShardChoice?

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--count must be at least 1, got \(count).") }
        guard count <= Self.limit else {
            throw ValidationError(
                "--count is at most \(Self.limit.grouped), got \(count). Draw more in several runs, with --indices.")
        }
    }

    /// The indices, all of those of this shard and the others.
    ///
    /// - Throws: `GeneraError.usage` for a list that cannot be read, is empty or too long.
    func chosen() throws -> [Int] {
        guard let indices else { return Array(0..<count) }
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
