/// Numbered samples, in memory or in files, of which some are asked for at a time.
public protocol SampleSource<Sample>: Sendable {
    /// What it holds.
    associatedtype Sample: Sendable
    /// Where they are from, for messages: mostly a path.
    var name: String { get }
    /// How many there are.
    var count: Int { get }
    /// The class of each sample, counted from 0; nil where there are none.
    var classes: [Int]? { get }
    /// What the classes are called, by their numbers; nil where they have no names.
    var classNames: [String]? { get }
    /// What a person should know of how they were read.
    var remarks: [ReadingRemark] { get }
    /// Samples by their numbers, counted from 0, in the order asked for.
    ///
    /// - Throws: `GeneraError.badData` for a number that is none of theirs, and errors of reading.
    func samples(_ indices: [Int]) throws -> [Sample]
}

extension SampleSource {
    /// No classes.
    public var classes: [Int]? { nil }
    /// No names.
    public var classNames: [String]? { nil }
    /// Nothing to say.
    public var remarks: [ReadingRemark] { [] }

    /// All samples, in order.
    ///
    /// - Throws: as `samples(_:)`.
    public func all() throws -> [Sample] { try samples(Array(0..<count)) }

    /// Refuses numbers that are none of the samples'.
    ///
    /// - Throws: `GeneraError.badData` that names the first of them.
    public func require(_ indices: [Int]) throws {
        guard let bad = indices.first(where: { !(0..<count).contains($0) }) else { return }
        throw GeneraError.badData(
            file: name, reason: "holds \(count) samples, so that there is none with the index \(bad)",
            advice: "indices count from 0")
    }
}

/// Samples that are all in memory.
public struct SampleList<Sample: Sendable>: SampleSource {
    /// Where they are from, for messages.
    public let name: String
    /// The class of each sample; nil where there are none.
    public let classes: [Int]?
    private let list: [Sample]

    /// Makes a source of samples, with a class for each or none.
    public init(_ samples: [Sample], name: String, classes: [Int]? = nil) {
        precondition(classes?.count ?? samples.count == samples.count, "a class is needed for each sample, or none")
        (list, self.name, self.classes) = (samples, name, classes)
    }

    /// How many there are.
    public var count: Int { list.count }

    /// Samples by their numbers.
    public func samples(_ indices: [Int]) throws -> [Sample] {
        try require(indices)
        return indices.map { list[$0] }
    }
}
