import Genera

/// Splats as named tensors, a row for each: gsplat's names, and those that others have for the same.
struct SplatTensors {
    private let tensors: [String: RawTensor]
    private let file: String
    private let advice: String
    /// Tensors that are not of splats.
    let remarks: [String]

    /// What each tensor is called, ours first.
    private static let names: [String: [String]] = [
        "means": ["means", "xyz", "_xyz", "means3d"], "scales": ["scales", "scaling", "_scaling"],
        "quats": ["quats", "rotation", "_rotation"], "opacities": ["opacities", "opacity", "_opacity"],
        "sh0": ["sh0", "f_dc", "features_dc", "_features_dc"],
        "shN": ["shN", "f_rest", "features_rest", "_features_rest"], "shapes": ["shapes", "shape", "_shape"],
        "harmonics": ["coeffs", "shs", "sh"],
    ]

    /// Finds the tensors among others by the last part of their names.
    init(_ all: [(name: String, tensor: RawTensor)], file: String, advice: String) {
        var found: [String: RawTensor] = [:]
        var extra: [String] = []
        for (name, tensor) in all {
            let last = name.split(separator: ".").last.map(String.init) ?? name
            if let key = Self.names.first(where: { $0.value.contains(last) })?.key, found[key] == nil {
                found[key] = tensor
            } else {
                extra.append(name)
            }
        }
        (tensors, self.file, self.advice) = (found, file, advice)
        remarks =
            extra.isEmpty
            ? [] : ["\(extra.count) tensors were left aside: \(extra.prefix(6).joined(separator: ", "))"]
    }

    /// Whether tensors of these names are those of splats.
    static func areSplats(_ names: [String]) -> Bool {
        let last = Set(names.map { $0.split(separator: ".").last.map(String.init) ?? $0 })
        return ["means", "scales", "quats", "opacities"].allSatisfy { key in
            Self.names[key]!.contains { last.contains($0) }
        }
    }

    /// The splats.
    func splats() throws -> Splats {
        let count = try need("means", width: 3, count: nil).shape[0]
        let first = Splats.Plane.harmonics
        let rest = restCount
        guard let degree = SplatCoding.degree(rest: rest) else {
            throw error(
                tensors["shN"] == nil ? "coeffs" : "shN",
                "there are \(rest) coefficients a channel beside the first, 0, 3, 8, 15 or 24 were expected")
        }
        var planes: [(String, Range<Int>)] = [
            ("means", 0..<3), ("scales", 3..<6), ("quats", 6..<10), ("opacities", 10..<11),
        ]
        if tensors["sh0"] == nil, tensors["harmonics"] != nil {
            planes.append(("harmonics", first..<first + 3 * (rest + 1)))
        } else {
            planes.append(("sh0", first..<first + 3))
            if rest > 0 { planes.append(("shN", first + 3..<first + 3 * (rest + 1))) }
        }
        if tensors["shapes"] != nil { planes.append(("shapes", Splats.Plane.shape..<Splats.Plane.shape + 1)) }
        // All sizes are looked at before memory is taken for the splats.
        let found = try planes.map { (try need($0.0, width: $0.1.count, count: count), $0.1) }
        var splats = Splats(count: count, degree: degree)
        for (tensor, planes) in found { splats.setRows(tensor.floats(), planes) }
        return splats
    }

    /// Coefficients a channel beside the first: of a tensor of their own, or of one with all.
    private var restCount: Int {
        func coefficients(_ tensor: RawTensor) -> Int {
            tensor.shape.count == 3 ? tensor.shape[1] : (tensor.shape.last ?? 0) / 3
        }
        if tensors["sh0"] == nil, let all = tensors["harmonics"] { return coefficients(all) - 1 }
        return tensors["shN"].map(coefficients) ?? 0
    }

    /// A tensor of `count` rows, nil for any number, of `width` numbers each.
    private func need(_ name: String, width: Int, count: Int?) throws -> RawTensor {
        guard let tensor = tensors[name] else {
            throw FormatError(file: file, reason: "there is no tensor '\(name)'", advice: advice)
        }
        guard let rows = tensor.shape.first, rows >= 0, tensor.elementCount == rows * width, count ?? rows == rows,
            tensor.dtype.isFloatingPoint
        else {
            throw error(
                name,
                "it is \(tensor.dtype) of shape \(tensor.shape), \(count.map(String.init) ?? "N") rows of \(width) "
                    + "floating-point numbers were expected")
        }
        return tensor
    }

    private func error(_ name: String, _ reason: String) -> FormatError {
        FormatError(
            file: file, place: "tensor '\(name)'", reason: reason, advice: "the file is damaged, or not of splats")
    }
}
