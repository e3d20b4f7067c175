import Genera
import Synchronization

/// The photographs of some views, read when they are asked for and kept while there is room.
public final class Photographs: Sendable {
    /// The views, in order.
    public let views: [View]
    /// How pixels are read.
    public let loading: Photograph.Loading
    private let limit: Int
    private let state = Mutex(State())

    private struct State {
        var kept: [Int: Photograph] = [:]
        var bytes = 0
    }

    /// Photographs of views.
    ///
    /// - Parameter memoryLimit: bytes of pixels that are kept. What is beyond is read anew each time: views come in random order, so that
    ///   those that came first are as good to keep as others.
    public init(_ views: [View], _ loading: Photograph.Loading = .init(), memoryLimit: Int = 4 << 30) {
        (self.views, self.loading, limit) = (views, loading, memoryLimit)
    }

    /// The pixels of one view.
    ///
    /// - Throws: `ImagingError` or `FileError` that names the file.
    public func photograph(_ index: Int) throws -> Photograph {
        if let kept = state.withLock({ $0.kept[index] }) { return kept }
        let photograph = try Photograph.read(views[index], loading)
        state.withLock { state in
            let bytes = photograph.byteCount
            guard state.bytes + bytes <= limit, state.kept[index] == nil else { return }
            state.kept[index] = photograph
            state.bytes += bytes
        }
        return photograph
    }

    /// Reads photographs in several threads until the room is used up.
    ///
    /// - Throws: `ImagingError` or `FileError` that names the first file that cannot be read.
    public func load(workers: Int) throws {
        let pixels = views.map { $0.camera.width * $0.camera.height * 3 * MemoryLayout<Float>.size }
        var (count, sum) = (0, 0)
        while count < pixels.count, sum + pixels[count] <= limit { (count, sum) = (count + 1, sum + pixels[count]) }
        _ = try Parallel.map(count, workers: workers) { _ = try self.photograph($0) }
    }
}

extension Photograph {
    /// Bytes of its pixels.
    fileprivate var byteCount: Int {
        (planes.count + (alpha?.count ?? 0) + (mask?.count ?? 0)) * MemoryLayout<Float>.size
    }
}
