import Genera

/// A photograph that a data set names, before it is looked for.
struct NamedView: Sendable {
    /// The path below the folders of photographs.
    let name: String
    /// Where it lies; nil where it is not there.
    let imagePath: String?
    /// Where its mask lies.
    let maskPath: String?
    /// The camera for a photograph of a size, and the one with distortion where that is to be taken out.
    let camera: @Sendable (_ width: Int, _ height: Int) throws -> (camera: Camera, distorted: DistortedCamera?)
}

/// Photographs that are there, with cameras for the size they are brought to.
struct ViewFinding {
    private(set) var views: [View] = []
    /// What is to be said, for people.
    private(set) var remark: String?

    /// Looks at the size of every photograph, in several threads.
    ///
    /// - Parameters:
    ///   - folder: where they should be, for messages.
    ///   - mustAgree: whether all must have one size.
    /// - Throws: `FormatError` where none is there, or one does not fit its camera; `ImagingError` for a file that is no picture.
    init(_ named: [NamedView], file: String, folder: String, mustAgree: Bool, _ reading: ViewReading) throws {
        let there = named.filter { $0.imagePath != nil }
        let missing = named.first { $0.imagePath == nil }
        guard !there.isEmpty else {
            throw FormatError(
                file: file,
                reason:
                    "none of its \(named.count) photographs is there, the first \(PicturePath.joined(folder, missing?.name ?? ""))",
                advice: "check the folder of photographs", kind: .noInput)
        }
        if let missing {
            let count = named.count - there.count
            remark =
                "\(count) of \(named.count) photographs \(count == 1 ? "is" : "are") not there and left aside, the first \(PicturePath.joined(folder, missing.name))"
        }
        let sizes = try Parallel.map(there.count, workers: reading.workers) { index in
            try Image.size(path: there[index].imagePath ?? "")
        }
        if mustAgree, let other = sizes.firstIndex(where: { $0 != sizes[0] }) {
            throw FormatError(
                file: there[other].imagePath ?? "",
                reason:
                    "is \(sizes[other].width)x\(sizes[other].height), but \(there[0].imagePath ?? "") is \(sizes[0].width)x\(sizes[0].height)",
                advice: "the file gives one lens for all photographs, so they must be of one size")
        }
        views = try zip(there, sizes).map { view, size in
            let path = view.imagePath ?? ""
            let (camera, distorted) = try view.camera(size.width, size.height)
            try Self.check(camera, size, path)
            let target = reading.resolution.size(width: size.width, height: size.height)
            return View(
                name: PicturePath.withoutEnding(view.name),
                camera: camera.resized(width: target.width, height: target.height), imagePath: path,
                maskPath: view.maskPath, distorted: distorted)
        }
    }

    /// Photographs may have been shrunk after their cameras were found, but not cut or turned.
    private static func check(_ camera: Camera, _ size: (width: Int, height: Int), _ path: String) throws {
        let (across, down) = (
            Double(size.width) / Double(camera.width), Double(size.height) / Double(camera.height)
        )
        // Rounding to whole pixels changes the ratio by up to one pixel's part.
        let tolerance = 0.01 + 1 / Double(min(size.width, size.height))
        guard abs(across / down - 1) > tolerance else { return }
        let isTurned = (camera.width > camera.height) != (size.width > size.height)
        throw FormatError(
            file: path, reason: "is \(size.width)x\(size.height), but its camera \(camera.width)x\(camera.height)",
            advice: isTurned
                ? "it was turned after its camera was found; use the photographs as they were then"
                : "use the photographs that the cameras were found with, or all of them shrunk alike")
    }
}

/// Masks that belong to photographs by name.
struct MaskFinding {
    private let folder: String?

    /// - Parameter places: folders that may hold a folder `masks`.
    init(_ masks: ViewReading.Masks, places: [String]) throws {
        switch masks {
        case .none: folder = nil
        case .automatic: folder = places.map { "\($0)/masks" }.first { FileSystem.isFolder($0) }
        case .folder(let name):
            let candidates = places.map { PicturePath.joined($0, name) }
            folder = candidates.first { FileSystem.isFolder($0) }
            guard folder != nil else {
                throw FormatError(
                    file: candidates.first ?? name, reason: "there is no such folder of masks",
                    advice: "check its path",
                    kind: .noInput)
            }
        }
    }

    /// The mask of a photograph: of its name, of its name with `.png` behind it (COLMAP), or with another ending.
    func path(for name: String) -> String? {
        guard let folder else { return nil }
        return PicturePath.find(name, in: folder) ?? PicturePath.find(PicturePath.withoutEnding(name), in: folder)
    }
}
