"""The least that Flask can be: it parses what comes and answers, as the demonstration of a receiver does."""

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/")
def receive():
    request.get_json()
    return jsonify(message="SUCCESS", status=0)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=0, threaded=True)
