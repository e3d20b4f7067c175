/// The sizes of a tensor's axes. Indexing never traps: an axis that does not exist has size 0, so that a failed tensor
/// (which has no axes) can flow through shape arithmetic to the boundary where its error is thrown.
public struct Shape: RandomAccessCollection, Sendable, Hashable, CustomStringConvertible, ExpressibleByArrayLiteral {
    /// The sizes, first axis first.
    public let sizes: [Int]

    /// Makes a shape of the sizes given.
    public init(_ sizes: [Int]) { self.sizes = sizes }

    /// Makes a shape of the sizes given.
    public init(arrayLiteral elements: Int...) { sizes = elements }

    /// Always 0.
    public var startIndex: Int { 0 }

    /// The number of axes.
    public var endIndex: Int { sizes.count }

    /// The size of an axis; negative indices count from the last. 0 if there is no such axis.
    public subscript(axis: Int) -> Int {
        let index = axis < 0 ? axis + sizes.count : axis
        return sizes.indices.contains(index) ? sizes[index] : 0
    }

    /// The product of all sizes.
    public var elementCount: Int { sizes.reduce(1, *) }

    /// For example `[64, 3, 32, 32]`.
    public var description: String { "\(sizes)" }
}
