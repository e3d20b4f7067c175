import Genera

/// Splats, and what a file says of them beside their numbers.
public struct SplatScene: Sendable {
    /// The splats, in the axes of the file.
    public var splats: Splats
    /// Whether they were trained with the screen filter of Mip-Splatting, so that they look right with it alone.
    public var isAntialiased = false
    /// Which way is up, where the file says so.
    public var up: [Double]?
    /// What reading left aside or changed, for people: properties that are not ours, splats dropped.
    public var remarks: [String] = []

    /// A scene of splats.
    public init(_ splats: Splats, isAntialiased: Bool = false, remarks: [String] = []) {
        (self.splats, self.isAntialiased, self.remarks) = (splats, isAntialiased, remarks)
    }
}
