import Genera
import GeneraTesting
import Splatting

/// Compares what is read of files of splats with what independent readers found in them.
public enum SplattingFileGoldens {
    /// Every file that is whole, and every one that is not.
    public static let formats: GoldenRunner.Handler = { one, check in
        let expected = try one.file()
        let folder = "\(one.folder)/\(one.config["folder"]?.text ?? "")"
        for name in (one.config["good"]?.items ?? []).compactMap(\.text) {
            var scene = try SplatScene.read("\(folder)/\(name)")
            // What the case holds of SPZ files is in their own axes.
            if name.hasSuffix(".spz") { scene.turn(from: .rdf, to: .rub) }
            for tensor in expected.names where tensor.hasPrefix("\(name)|") {
                let key = String(tensor.dropFirst(name.utf8.count + 1))
                guard let values = scene.splats.column(key) else {
                    throw CaseFault("it is not known what '\(tensor)' is")
                }
                try check.close(tensor, values, Tensor(expected.tensor(tensor)))
            }
        }
        guard case .object(let malformed)? = one.config["malformed"] else { return }
        for member in malformed {
            let message = refusal("\(folder)/\(member.key)")
            check.equal("\(member.key) is refused by name", message?.contains(member.key), true)
        }
    }

    /// Some splats of a large scene, and means over all of it.
    public static let decode: GoldenRunner.Handler = { one, check in
        let path = "\(one.folder)/../../\(one.config["file"]?.text ?? "")"
        let splats = try SplatScene.read(path).splats
        check.equal("splats", splats.count, one.config["splats"]?.integer ?? -1)
        check.equal("degree", splats.degree, one.config["sh_degree"]?.integer ?? -1)
        let expected = try one.file()
        let indices = try expected.tensor("index").int64s().map { Int($0) }
        for name in expected.names where name != "index" {
            let wanted = Tensor(try expected.tensor(name))
            if name.hasPrefix("mean_") {
                let means = splats.sums(String(name.dropFirst(5)), { $0 }).map { $0 / Double(splats.count) }
                try check.close(name, Tensor(means.map { Float($0) }), wanted)
            } else if name.hasPrefix("sum_abs_") {
                let sums = splats.sums(String(name.dropFirst(8)), abs)
                try check.close(name, Tensor(sums.map { Float($0) }), wanted)
            } else {
                let rows = splats.planes(name).map { plane in indices.map { splats[plane, $0] } }
                let values = indices.indices.flatMap { row in rows.map { $0[row] } }
                try check.close(name, Tensor(values, shape: wanted.shape.sizes), wanted)
            }
        }
    }

    /// What the authors' code of GES writes, and what it should.
    public static let gesSavePLY: GoldenRunner.Handler = { one, check in
        let tensors = try one.file()
        let written = try SplatScene.read("\(one.folder)/\(one.config["file"]?.text ?? "")").splats
        let names = [
            "in.xyz": "xyz", "in.f_dc": "f_dc", "in.f_rest": "f_rest", "in.opacity": "opacity", "in.rotation": "rot",
            "file_scale": "scale",
        ]
        for (tensor, key) in names.sorted(by: { $0.key < $1.key }) {
            let wanted = Tensor(try tensors.tensor(tensor))
            try check.close(tensor, written.column(key)!.reshaped(wanted.shape.sizes), wanted)
        }
        let weights = [
            ("means", "xyz"), ("sh0", "f_dc"), ("shN", "f_rest"), ("opacities", "opacity"), ("scales", "scaling"),
            ("quats", "rotation"), ("shapes", "shape"),
        ]
        let scene = try SplatScene(
            ModelCheckpoint(
                family: "splat", configuration: "{}",
                weights: weights.map { (name: $0.0, tensor: try tensors.tensor("in.\($0.1)")) }))
        let folder = TemporaryFolder()
        for (fusing, tensor) in [
            (SplatScene.WritingOptions.Fusing.legacy, "file_scale"), (.exact, "true_effective_log_scale"),
        ] {
            var options = SplatScene.WritingOptions()
            (options.fusing, options.shapeStrength) = (fusing, one.config["strength"]?.number ?? 0.1)
            let path = folder.file("\(fusing.rawValue).ply")
            try scene.write(to: path, options: options)
            let read = try SplatScene.read(path).splats
            try check.close("\(fusing.rawValue): \(tensor)", read.column("scale")!, Tensor(tensors.tensor(tensor)))
        }
    }

    /// The message that reading ends with; nil where it does not.
    private static func refusal(_ path: String) -> String? {
        do { _ = try SplatScene.read(path) } catch { return "\(error)" }
        return nil
    }
}

extension Splats {
    /// The planes of a column of the cases; none for a name that they do not have.
    fileprivate func planes(_ name: String) -> Range<Int> {
        let first = Plane.harmonics
        return switch name {
        case "xyz", "xyz_rub": Plane.position..<Plane.logScale
        case "scale", "linear_scale": Plane.logScale..<Plane.rotation
        case "rot", "rot_wxyz_rub": Plane.rotation..<Plane.opacity
        case "opacity", "opacity_linear": Plane.opacity..<Plane.shape
        case "f_dc": first..<first + 3
        case "f_rest", "f_rest_rub": first + 3..<planeCount
        default: 0..<0
        }
    }

    /// A column of the cases as a tensor: harmonics `[N, K - 1, 3]`, opacities `[N]`, all others `[N, width]`.
    fileprivate func column(_ name: String) -> Tensor? {
        let planes = planes(name)
        guard !planes.isEmpty || name.hasPrefix("f_rest") else { return nil }
        let shape = name.hasPrefix("f_rest") ? [count, planes.count / 3, 3] : nil
        let values = tensor(planes.lowerBound, planes.count, shape: shape)
        return switch name {
        case "linear_scale": values.exp()
        case "opacity_linear": values.sigmoid()
        default: values
        }
    }

    /// For each plane of a column the sum over all splats.
    fileprivate func sums(_ name: String, _ body: (Float) -> Float) -> [Double] {
        planes(name).map { plane in self.plane(plane).reduce(0.0) { $0 + Double(body($1)) } }
    }
}
