"""Prints LIBLINEAR's optima, for the tests of the linear SVM in crates/dcgan-explore.

Needs scikit-learn, whose LinearSVC is LIBLINEAR.
"""

import numpy as np
from sklearn.svm import LinearSVC

COUNT, FEATURES, CLASSES = 90, 7, 3

state = 12345


def draw():
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
    return np.float32((state >> 40) / (1 << 24) * 2 - 1)


labels = np.arange(COUNT) % CLASSES
values = np.array(
    [[draw() + (0.5 if at % CLASSES == label else 0.0) for at in range(FEATURES)] for label in labels],
    np.float32,
).astype(np.float64)
standardised = (values - values.mean(0)) / (values.std(0) * np.sqrt(FEATURES))

for cost in (0.25, 4.0, 64.0):
    svm = LinearSVC(C=cost, loss="squared_hinge", dual=True, tol=1e-10, max_iter=10**6, random_state=0)
    svm.fit(standardised, labels)
    objectives = []
    for label in range(CLASSES):
        weights, bias = svm.coef_[label], svm.intercept_[label]
        margins = np.where(labels == label, 1, -1) * (standardised @ weights + bias)
        loss = np.square(np.maximum(0, 1 - margins)).sum()
        objectives.append(round(float(0.5 * (weights @ weights + bias**2) + cost * loss), 6))
    scores = [round(float(score), 5) for score in svm.decision_function(standardised[:1])[0]]
    right = int((svm.predict(standardised) == labels).sum())
    print(f"C = {cost}: objectives {objectives}, scores of the first {scores}, right {right}")
