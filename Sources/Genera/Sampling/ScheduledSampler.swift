/// A sampler whose steps run along a grid that can be chosen: noise levels, or times of another kind. What
/// `genera optimise-schedule` needs of a family; families whose steps mean something else leave it out.
public protocol ScheduledSampler: Sampler {
    /// The grid, strictly falling; one node more than there are steps. A last 0 is the end of the way.
    var grid: [Double] { get }

    /// The same sampler on another grid. Its start must be the same.
    ///
    /// - Throws: what is wrong with the grid.
    func along(_ grid: [Double]) throws -> Self

    /// A sampler from the same start that is accurate enough to be compared with.
    ///
    /// - Throws: `GeneraError.usage` for a sampler that has no such thing, for example a stochastic one.
    func reference(steps: Int) throws -> Self
}
